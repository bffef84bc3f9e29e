import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../src/aws', import.meta.url));

/** Every AWS operation that the controller can call, by its name, with the files that make the call. */
export function awsCallSites(): ReadonlyMap<string, readonly string[]> {
  const sites = new Map<string, string[]>();
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    for (const [, operation = ''] of readFileSync(join(source, file), 'utf8').matchAll(/new (\w+)Command\(/g)) {
      sites.set(operation, [...(sites.get(operation) ?? []), file]);
    }
  }
  return sites;
}
