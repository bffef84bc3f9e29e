import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { runServer, startServer, stopEverything, temporaryFolder } from './support/startServer.ts';

afterEach(stopEverything);

describe('a start', () => {
  test('with a wrong configuration names every wrong variable, once, and exits 1', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, '.env'), 'PORT=80800\nLOG_LEVEL=loud\nWB_DEFAULT_RAM=1\nRESTAPI_AUTH_STATIC_KEY=hush\n');
    // The environment wins over the file.
    const server = runServer(cwd, { LOG_LEVEL: 'info', PORT: 'any', ECS_CLUSTER: 'c', WB_CONTAINER_PORT: '0' });
    expect(await server.exited).toEqual({ code: 1, signal: null });
    const named = server.stderr().match(/^ {2}[A-Z_, ]+(?=:)/gm);
    expect(named?.map((name) => name.trim()).sort()).toEqual([
      'ECS_SUBNETS',
      'EFS_FILE_SYSTEM_ID',
      'PORT',
      'WB_CONTAINER_PORT',
      'WB_DEFAULT_CPU, WB_DEFAULT_RAM',
    ]);
    expect(server.stderr()).not.toMatch(/hush|\bat .*:\d+/);
    expect(server.stdout()).toBe('');
  });

  test('on a port that is taken says so in one line, exits 1 and leaves no process behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;

    const server = runServer(await temporaryFolder(), { PORT: String(port), LOG_LEVEL: 'info' });
    expect(await server.exited).toEqual({ code: 1, signal: null });
    expect(server.stderr()).toBe(
      `The controller cannot start: port ${port} of 127.0.0.1 is taken. Stop what uses it, or set PORT to another.\n`,
    );
    expect(await server.living()).toEqual([]);
    taken.close();
  });

  test('on the folder of a live server says whose it is, exits 1, and the live one goes on', async () => {
    const cwd = await temporaryFolder();
    const first = await startServer(cwd);
    const second = runServer(cwd, { LOG_LEVEL: 'info' });
    expect(await second.exited).toEqual({ code: 1, signal: null });
    expect(second.stderr()).toMatch(
      /^The controller cannot start: .*in use by another local cloud \(process \d+\).*\n$/,
    );
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  });

  test('with an argument that means nothing says what it takes', async () => {
    const server = runServer(await temporaryFolder(), {}, ['--port', '1']);
    expect(await server.exited).toEqual({ code: 1, signal: null });
    expect(server.stderr()).toMatch(
      /^server\.sh: there is no "--port": give nothing for the controller, .*local-cloud.*\n$/,
    );
  });
});
