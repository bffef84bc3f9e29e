import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../src', import.meta.url));

/** Every AWS operation that the code can call, by its name, with the files that make the call. */
export function awsCallSites(): ReadonlyMap<string, readonly string[]> {
  const sites = new Map<string, string[]>();
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('localcloud'),
  );
  for (const file of files) {
    for (const [, operation = ''] of readFileSync(join(source, file), 'utf8').matchAll(/new (\w+)Command\(/g)) {
      sites.set(operation, [...(sites.get(operation) ?? []), file]);
    }
  }
  return sites;
}
