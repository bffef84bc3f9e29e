import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { checkout, stopEverything, temporaryFolder } from './support/startServer.ts';

afterEach(stopEverything);

let root: string;

/** A checkout whose server only says what it was built from, and an `npm` that notes how it was called. */
beforeEach(async () => {
  root = await temporaryFolder();
  await cp(join(checkout, 'server.sh'), join(root, 'server.sh'));
  const folders = ['src', 'bin', 'node_modules', 'local-cloud/src', 'local-cloud/dist'];
  await Promise.all(folders.map((folder) => mkdir(join(root, folder), { recursive: true })));
  await Promise.all(
    ['package.json', 'package-lock.json', 'tsconfig.json', 'local-cloud/package.json', 'local-cloud/dist/.built'].map(
      (file) => writeFile(join(root, file), '{}'),
    ),
  );
  await writeFile(join(root, 'src/main.js'), 'console.log("version 1");');
  await writeFile(
    join(root, 'bin/npm'),
    `#!/bin/sh
echo "$@" >> calls
case $1 in
  ci) touch node_modules/.package-lock.json ;;
  run) [ ! -e hangs ] || sleep 600; mkdir new.$$ && touch new.$$/.built && sleep 0.3 && cp src/main.js new.$$/ && rm -rf dist && mv new.$$ dist ;;
esac
`,
  );
  await chmod(join(root, 'bin/npm'), 0o755);
  await symlink(process.execPath, join(root, 'bin/node'));
  const past = new Date(Date.now() - 60_000);
  for (const file of await readdir(root)) await utimes(join(root, file), past, past);
  for (const file of ['src/main.js', 'local-cloud/src', 'local-cloud/package.json']) {
    await utimes(join(root, file), past, past);
  }
});

function begin() {
  const child = spawn(join(root, 'server.sh'), {
    cwd: root,
    env: { PATH: `${join(root, 'bin')}:${process.env['PATH']}` },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  return { child, output: once(child, 'close').then(() => output) };
}
const calls = async () => (await readFile(join(root, 'calls'), 'utf8').catch(() => '')).trim().split('\n');
const install = 'ci --include=dev --no-audit --no-fund --loglevel=error';
const build = 'run --silent build';

test('the first start installs and builds, the second does neither, and a changed source is built', async () => {
  expect(await begin().output).toBe('version 1\n');
  expect(await calls()).toEqual([install, build]);

  expect(await begin().output).toBe('version 1\n');
  expect(await calls()).toHaveLength(2);

  await writeFile(join(root, 'src/main.js'), 'console.log("version 2");');
  expect(await begin().output).toBe('version 2\n');
  expect(await calls()).toEqual([install, build, build]);

  await writeFile(join(root, 'local-cloud/src/main.js'), '');
  await begin().output;
  expect((await calls())[3]).toBe(build);

  await rm(join(root, 'package-lock.json'));
  await writeFile(join(root, 'package-lock.json'), '{ }');
  await begin().output;
  expect((await calls())[4]).toBe(install);
});

test('of many first starts at once, one installs and builds, and the others wait for it', async () => {
  const outputs = await Promise.all([1, 2, 3, 4].map(() => begin().output));
  expect(outputs).toEqual(Array(4).fill('version 1\n'));
  expect(await calls()).toEqual([install, build]);
});

test('after a start that was killed in the middle, the next one takes over', async () => {
  await writeFile(join(root, 'hangs'), '');
  const { child } = begin();
  await eventually(calls, (made) => made.includes(build));
  // With what it has started.
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await once(child, 'exit');
  await rm(join(root, 'hangs'));

  expect(await begin().output).toBe('version 1\n');
  expect(await readdir(root)).not.toContain('.server.lock');
});
