import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const installed = spawnSync('shellcheck', ['--version']).status === 0;
if (!installed) process.stderr.write('shellcheck is not installed: the shell scripts go unchecked here\n');

const scripts = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.sh'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n');

(installed ? describe : describe.skip)('shellcheck', () => {
  test.each(scripts)('finds nothing in %s', (script) => {
    expect(spawnSync('shellcheck', [script], { encoding: 'utf8' }).stdout).toBe('');
  });

  test('finds nothing in the program that deploy.sh sends to the host', () => {
    const program = /<<'REMOTE'\n(.*)^REMOTE$/ms.exec(readFileSync('deploy.sh', 'utf8'))?.[1];
    expect(program).toContain('main </dev/null');
    expect(spawnSync('shellcheck', ['-'], { input: program, encoding: 'utf8' }).stdout).toBe('');
  });
});
