import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { localDefaults as packaged } from '@workbench/local-cloud/defaults';
import { localDefaults } from '../src/aws/cloudTarget.ts';
import { type Build, buildController } from './crash/buildController.ts';

const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
let build: Build;

/** The controller as the production image has it: with all of its dependencies but the local cloud. */
beforeAll(async () => {
  build = await buildController();
  const own = join(dirname(build.folder), 'node_modules');
  await rm(own);
  await mkdir(own);
  const names = (await readdir(modules)).filter((name) => name !== '@workbench' && !name.startsWith('.'));
  await Promise.all(names.map((name) => symlink(join(modules, name), join(own, name))));
});
afterAll(() => build[Symbol.asyncDispose]());

function run(...parameters: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const env = { PATH: process.env['PATH'], PORT: '0', NODE_NO_WARNINGS: '1' };
  return new Promise((resolve) => {
    const cwd = dirname(build.folder);
    execFile(process.execPath, [join(build.folder, 'main.js'), ...parameters], { cwd, env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test('without the package, a controller that is to embed a local cloud ends with one line that says what to do', async () => {
  expect(await run()).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'The controller cannot start: The local cloud is not part of this installation. Set WB_CLOUD=aws for AWS, or AWS_ENDPOINT_URL to where one runs\n',
  });
});

test('without the package, the doctor says so', async () => {
  const { code, stdout } = await run('doctor');

  expect(code).toBe(1);
  expect(stdout).toMatch(/^failed +local cloud +The local cloud is not part of this installation/m);
  expect(stdout).toMatch(/Set WB_CLOUD=aws for AWS/);
});

test('what the controller takes for a local cloud’s names is what the package has', () => {
  expect(packaged).toMatchObject(localDefaults);
});
