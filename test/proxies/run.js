// `npm run test:proxies`: runs the suite where nginx and Caddy are installed, and says what is missing where they are not.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const required = process.argv.includes('--required');
const rest = process.argv.slice(2).filter((argument) => argument !== '--required');

// Where Debian has nginx, and not every user looks.
process.env['PATH'] += ':/usr/sbin';
const missing = [
  ['nginx', '-v'],
  ['caddy', 'version'],
  ['openssl', 'version'],
].flatMap(([program = '', argument = '']) => (spawnSync(program, [argument]).status === 0 ? [] : program));
if (missing.length === 0) {
  const jest = fileURLToPath(new URL('../../node_modules/jest/bin/jest.js', import.meta.url));
  const argv = ['--experimental-vm-modules', '--no-warnings', jest, '--config', 'jest.proxies.config.js', ...rest];
  process.exitCode = spawnSync(process.execPath, argv, { cwd: root, stdio: 'inherit' }).status ?? 1;
} else {
  process.stdout.write(`test:proxies ${required ? 'FAILED' : 'skipped'}: ${missing.join(', ')} not installed\n`);
  process.exitCode = required ? 1 : 0;
}
