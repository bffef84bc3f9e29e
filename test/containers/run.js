// `npm run test:containers`: runs the suite where a container engine answers, and says why where none does.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';

const root = fileURLToPath(new URL('../..', import.meta.url));
const required = process.argv.includes('--required');
const rest = process.argv.slice(2).filter((argument) => argument !== '--required');

const reason = await engineTrouble();
if (rest.includes('--reachable')) {
  process.exitCode = reason === undefined ? 0 : 1;
} else if (reason === undefined) {
  const jest = fileURLToPath(new URL('../../node_modules/jest/bin/jest.js', import.meta.url));
  const argv = ['--experimental-vm-modules', '--no-warnings', jest, '--config', 'jest.containers.config.js', ...rest];
  process.exitCode = spawnSync(process.execPath, argv, { cwd: root, stdio: 'inherit' }).status ?? 1;
} else {
  process.stdout.write(`test:containers ${required ? 'FAILED' : 'skipped'}: no Docker API answers (${reason})\n`);
  process.exitCode = required ? 1 : 0;
}

/** @returns {Promise<string | undefined>} */
async function engineTrouble() {
  try {
    await new Docker({ timeout: 30_000 }).ping();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
