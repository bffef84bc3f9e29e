import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import WebSocket, { WebSocketServer } from 'ws';
import type { Decide } from '../../src/access/entry/createDecide.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { enterAll } from '../support/openGateway.ts';
import { closeAll, front, listening, send, workbenchId, workbenchPath } from './servers.ts';

afterEach(closeAll);

/** An application with one answer that never ends, one that never begins, and websockets. */
async function endlessTask() {
  const server = createServer((asked, response) => {
    if (asked.url?.endsWith('/never')) return;
    if (!asked.url?.endsWith('/stream')) return void response.end('short');
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: first\n\n');
  });
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('message', (data) => socket.send(`heard ${data}`));
  });
  return await listening(server);
}

const nothing: Decide = () => ({ kind: 'notFound', rule: 'not-the-owner', userId: 'ann' });

type Ways = 'a stream' | 'an answer that has not begun' | 'a websocket';

/** Opens it, as a visitor whom the cookie tells from others. */
async function open(task: Server, port: number, way: Ways, cookie = 'who=ann'): Promise<{ ended: Promise<unknown> }> {
  if (way === 'a websocket') {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${workbenchPath}/ws`, { headers: { cookie } });
    await once(socket, 'open');
    return { ended: once(socket, 'close') };
  }
  const never = way === 'an answer that has not begun';
  const arrived = once(task, 'request');
  const path = `${workbenchPath}/${never ? 'never' : 'stream'}`;
  const asking = request({ host: '127.0.0.1', port, path, headers: { cookie }, agent: false });
  asking.end();
  if (never) {
    const ended = once(asking, 'error');
    await arrived;
    return { ended };
  }
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  answer.on('error', () => undefined);
  await once(answer, 'data');
  return { ended: new Promise((resolve) => answer.once('close', resolve)) };
}

describe.each<Ways>(['a stream', 'an answer that has not begun', 'a websocket'])('%s', (way) => {
  test('is cut when its visitor’s right is gone, and nobody else’s is', async () => {
    const { port, server } = await endlessTask();
    let gone = false;
    const decide: Decide = (visit) => (gone && visit.cookie === 'who=ann' ? nothing(visit) : enterAll(visit));
    const { port: entry } = await front(port, { decide, lookEveryMs: 20 });
    const anns = await open(server, entry, way);
    let bobsEnded = false;
    const bobs = await open(server, entry, way, 'who=bob');
    void bobs.ended.then(() => {
      bobsEnded = true;
    });

    gone = true;
    await anns.ended;

    expect(bobsEnded).toBe(false);
  });

  test('is cut at the end of its visitor’s session, whatever the decision would be', async () => {
    const { port, server } = await endlessTask();
    const expiresAt = Date.now() + 3_600_000;
    let later = 0;
    const clock = { ...systemClock, now: () => Date.now() + later };
    const decide: Decide = (visit) => {
      const decision = enterAll(visit);
      if (decision instanceof Promise || decision.kind !== 'entered') return decision;
      return { ...decision, identity: { kind: 'session', operator: false, userId: 'ann', expiresAt } };
    };
    const { port: entry } = await front(port, { decide, clock, lookEveryMs: 20 });
    const { ended } = await open(server, entry, way);

    later = 3_600_000;
    await ended;
  });

  test('is cut when its workbench is being destroyed, whoever may enter', async () => {
    const { port, server } = await endlessTask();
    const destroying = new Set<string>();
    const isBeingDestroyed = (id: string) => destroying.has(id);
    const { port: entry, gateway } = await front(port, { isBeingDestroyed, lookEveryMs: 3_600_000 });
    const { ended } = await open(server, entry, way);

    destroying.add(workbenchId);
    gateway.lookAgain(workbenchId);
    await ended;
  });

  test('stays while nobody says who may', async () => {
    const { port, server } = await endlessTask();
    let looks = 0;
    let away = false;
    const decide: Decide = async (visit) => {
      if (!away) return await enterAll(visit);
      looks += 1;
      throw new Error('the cloud does not answer');
    };
    const { port: entry, gateway } = await front(port, { decide, lookEveryMs: 3_600_000 });
    let over = false;
    const { ended } = await open(server, entry, way);
    void ended.then(() => {
      over = true;
    });

    away = true;
    gateway.lookAgain(workbenchId);
    away = false;
    // A round trip later it would have been cut.
    await send(entry, `${workbenchPath}/`);

    expect([looks, over]).toEqual([1, false]);
  });
});
