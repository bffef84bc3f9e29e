import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { instantly, localCloudOf } from './support/instantly.ts';
import { printed, type ReadyServer, startServer, stopEverything, temporaryFolder } from './support/startServer.ts';
import { readFileOf, saveFile, User } from './support/User.ts';

afterAll(stopEverything);

async function serverWithTask(cwd: string) {
  const server = await instantly(await startServer(cwd));
  const user = new User(server.url, 'ann');
  const item = await user.create('Survivor');
  await user.reaches(item.workbench_id, 'running');
  return { server, user, item };
}

const endings: readonly (readonly [string, (server: ReadyServer) => void, object])[] = [
  ['Ctrl-C in its terminal', (server) => server.interrupt(), { code: 0 }],
  ['SIGTERM to its process', (server) => server.signal('SIGTERM'), { code: 0 }],
  ['SIGKILL to its process', (server) => server.signal('SIGKILL'), { signal: 'SIGKILL' }],
];

// Side by side, as most of it is waiting.
describe('a server that ends', () => {
  test.concurrent.each(endings)(
    'by %s leaves no process behind, and its successor finds workbenches, files and names',
    async (_name, end, exit) => {
      const cwd = await temporaryFolder();
      const { server, item } = await serverWithTask(cwd);
      await saveFile(item, 'kept.txt', 'still here');
      expect((await server.living()).length).toBeGreaterThan(1);

      end(server);
      expect(await server.exited).toMatchObject(exit);
      await eventually(server.living, ({ length }) => length === 0);

      const next = await instantly(await startServer(cwd));
      expect(next.stderr()).not.toContain('building');
      const user = new User(next.url, 'ann');
      expect((await user.call('GET', '/workbenches')).body.items).toEqual([
        expect.objectContaining({ workbench_id: item.workbench_id, workbench_name: 'Survivor' }),
      ]);
      await user.command(item.workbench_id, 'start');
      await user.reaches(item.workbench_id, 'running');
      const now = (await user.call('GET', `/workbenches/${item.workbench_id}`)).body.item;
      expect(now && (await readFileOf(now, 'kept.txt'))).toBe('still here');
    },
  );

  test.concurrent('ends although nobody reads its log any more', async () => {
    const server = await startServer(await temporaryFolder(), { LOG_LEVEL: 'info' });
    server.stopReading();
    server.signal('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  test.concurrent('lets the request in flight finish, and takes no new ones', async () => {
    const server = await startServer(await temporaryFolder());
    const slow = JSON.stringify({ latencyMs: 300 });
    await fetch(`${localCloudOf(server)}/_local/timing`, { method: 'PUT', body: slow });
    const inFlight = new User(server.url, 'ann').call('POST', '/workbenches');
    const calls = async () => await (await fetch(`${localCloudOf(server)}/_local/calls`)).text();
    await eventually(calls, (made) => made.includes('CreateAccessPoint'));

    server.signal('SIGTERM');
    await printed(server, () => server.logged('stopping: requests in flight finish first')[0]);
    const refused = connect(Number(new URL(server.url).port), '127.0.0.1');
    const [error] = await once(refused, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    expect((await inFlight).status).toBe(201);
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  test.concurrent('ends although a client never finishes its request', async () => {
    const server = await startServer(await temporaryFolder());
    const stuck = connect(Number(new URL(server.url).port), '127.0.0.1');
    stuck.on('error', () => undefined);
    stuck.write(
      'POST /workbenches?user_id=ann HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nContent-Type: application/json\r\n\r\n{',
    );
    await fetch(`${server.url}/healthz`);

    server.signal('SIGTERM');
    // By itself, and by then not in peace.
    expect(await server.exited).toMatchObject({ signal: null });
    stuck.destroy();
  });
});
