import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { transform } from '@swc/core';
import { eventually } from '../support/eventually.ts';
import { isAlive } from '../support/isAlive.ts';

const source = new URL('../../src/runtime/spawnGroup.ts', import.meta.url);
let dir: string;
let host: ChildProcess | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'orphans-'));
});

afterEach(async () => {
  host?.kill('SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

/** Runs a task in a process of its own, which can be killed as the local cloud might be. */
async function hostTask(script: string): Promise<ChildProcess> {
  const { code } = await transform(await readFile(source, 'utf8'), {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  });
  await writeFile(join(dir, 'spawnGroup.mjs'), code);
  const main = `
    import { spawnGroup } from './spawnGroup.mjs';
    import { openSync } from 'node:fs';
    const output = openSync('log', 'a');
    await spawnGroup({ argv: ['/bin/sh', '-c', ${JSON.stringify(script)}], cwd: '.', environment: {}, output });
    setInterval(() => {}, 1000);`;
  await writeFile(join(dir, 'main.mjs'), main);
  return spawn(process.execPath, ['main.mjs'], { cwd: dir, stdio: 'ignore' });
}

async function pidsInLog(count: number): Promise<number[]> {
  const read = () => readFile(join(dir, 'log'), 'utf8').catch(() => '');
  const text = await eventually(read, (lines) => lines.split('\n').length > count);
  return text.trim().split('\n').map(Number);
}

describe('when the local cloud is killed', () => {
  test('its tasks end, and so do their children that ignore SIGTERM', async () => {
    host = await hostTask(`echo $$; (trap "" TERM; exec sleep 1000) & echo $!; exec sleep 1000`);
    const pids = await pidsInLog(2);
    expect(await Promise.all(pids.map(isAlive))).toEqual([true, true]);

    host.kill('SIGKILL');
    await once(host, 'exit');

    await eventually(
      () => Promise.all(pids.map(isAlive)),
      (alive) => !alive.includes(true),
    );
  });
});
