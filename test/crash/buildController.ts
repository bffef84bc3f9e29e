import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Build = Readonly<{ folder: string; [Symbol.asyncDispose](): Promise<void> }>;

/** The source as plain Node runs it, in a folder of its own: `dist/` may be somebody else's at the moment. */
export async function buildController(): Promise<Build> {
  const home = await mkdtemp(join(tmpdir(), 'crash-build-'));
  const folder = join(home, 'dist');
  await symlink(join(root, 'node_modules'), join(home, 'node_modules'));
  await writeFile(join(home, 'package.json'), '{ "type": "module" }\n');
  const compiler = join(root, 'node_modules/.bin/tsc');
  // Types are checked elsewhere.
  await promisify(execFile)(compiler, ['-p', join(root, 'tsconfig.build.json'), '--noCheck', '--outDir', folder]);
  return { folder, [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }) };
}
