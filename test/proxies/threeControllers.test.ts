import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { startTestCloud, type TestCloud } from '../../local-cloud/test/support/startTestCloud.ts';
import { type Build, buildController } from '../crash/buildController.ts';
import { ControllerProcess } from '../crash/ControllerProcess.ts';
import { eventually } from '../support/eventually.ts';
import { startApplication } from '../support/startApplication.ts';
import { freePort, type RunningProxy, startProxy } from './startProxy.ts';

const KEY = 'the-key-of-the-frontend';
const CLIENTS = 16;
const SOCKETS = 12;
const REQUESTS_AFTER = 300;

let application: Awaited<ReturnType<typeof startApplication>>;
let cloud: TestCloud;
let build: Build;

beforeAll(async () => {
  application = await startApplication();
  cloud = await startTestCloud({ runtime: application.runtime });
  build = await buildController();
});
afterAll(async () => {
  await cloud[Symbol.asyncDispose]();
  application.close();
  await build[Symbol.asyncDispose]();
});

describe.each(['nginx', 'caddy'] as const)('%s before three controllers', (name) => {
  let port: number;
  let controllers: ControllerProcess[];
  let proxy: RunningProxy;
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS, rejectUnauthorized: false });

  beforeAll(async () => {
    port = await freePort();
    controllers = ['one', 'two', 'three'].map((which) => new ControllerProcess(which, build.folder));
    const environment = {
      WB_CLOUD: 'local',
      AWS_ENDPOINT_URL: cloud.cloud.url,
      ...{ HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'silent' },
      RESTAPI_AUTH_STATIC_KEY: KEY,
      WB_SESSION_KEYS: 'the-secret-of-the-tests-as-long-as-it-needs',
      WB_BASE_URL: `https://{wid}.wb.example.net:${port}`,
      WB_TRUSTED_PROXIES: '127.0.0.1',
    };
    await Promise.all(controllers.map((controller) => controller.start(environment, {})));
    proxy = await startProxy(name, 'balancer', { port, controllers: controllers.map(({ url }) => new URL(url).host) });
  });
  afterAll(async () => {
    agent.destroy();
    await proxy[Symbol.asyncDispose]();
    await Promise.all(controllers.map((controller) => controller.kill()));
  });

  async function send(host: string, path: string, headers: Record<string, string> = {}, method = 'GET') {
    const own = { host: '127.0.0.1', port, servername: host.replace(/:\d+$/, '') };
    const asking = request({ ...own, agent, path, method, headers: { ...headers, host } });
    asking.end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    return { status: answer.statusCode, headers: answer.headers, text: String(Buffer.concat(await answer.toArray())) };
  }

  async function call(method: string, path: string): Promise<Record<string, string>> {
    const answer = await send(`cloud.example.net:${port}`, path, { authorization: `Bearer ${KEY}` }, method);
    const { item } = JSON.parse(answer.text) as { item?: Record<string, string> };
    if (!item) throw new Error(answer.text);
    return item;
  }

  test('one of them killed under load: what can be repeated succeeds, and sockets are there again at once', async () => {
    const wid = String((await call('POST', '/workbenches?user_id=ann'))['workbench_id']);
    await eventually(
      () => call('GET', `/workbenches/${wid}?user_id=ann&wait=5`),
      (item) => item['status'] === 'running',
    );
    const own = `${wid}.wb.example.net:${port}`;
    const { url } = await call('POST', `/workbenches/${wid}/open?user_id=ann`);
    const { pathname, search } = new URL(String(url));
    const entered = await send(own, `${pathname}${search}`);
    const cookie = String(entered.headers['set-cookie']).split(';')[0] ?? '';

    const sockets = new Set<WebSocket>();
    let reconnects = 0;
    let open = 0;
    let over = false;
    const connect = (): void => {
      const socket = new WebSocket(`wss://127.0.0.1:${port}/ws`, {
        ...{ rejectUnauthorized: false, servername: `${wid}.wb.example.net` },
        headers: { host: own, cookie, origin: `https://${own}` },
      });
      sockets.add(socket);
      socket.on('open', () => {
        open += 1;
        socket.once('close', () => {
          open -= 1;
          sockets.delete(socket);
          if (over) return;
          reconnects += 1;
          // As an IDE does.
          connect();
        });
      });
      socket.on('error', () => undefined);
    };
    for (let index = 0; index < SOCKETS; index += 1) connect();
    await eventually(
      () => open,
      (count) => count === SOCKETS,
    );

    const statuses: Record<string, number> = {};
    let killed = false;
    let answered = 0;
    let answeredAfter = 0;
    const load = async (client: number) => {
      while (answeredAfter < REQUESTS_AFTER) {
        const answer =
          client % 2
            ? await send(own, '/asset', { cookie })
            : await send(`cloud.example.net:${port}`, `/workbenches/${wid}?user_id=ann`, {
                authorization: `Bearer ${KEY}`,
              });
        statuses[String(answer.status)] = (statuses[String(answer.status)] ?? 0) + 1;
        answered += 1;
        if (killed) answeredAfter += 1;
      }
    };
    const loads = Promise.all(Array.from({ length: CLIENTS }, (_, client) => load(client)));
    await eventually(
      () => answered,
      (count) => count > 200,
    );
    await controllers[1]?.kill();
    killed = true;
    await loads;
    await eventually(
      () => open,
      (count) => count === SOCKETS,
    );
    over = true;
    for (const socket of sockets) socket.terminate();

    expect(Object.keys(statuses)).toEqual(['200']);
    expect(reconnects).toBeGreaterThan(0);
    expect(reconnects).toBeLessThan(SOCKETS);
    expect((await send(own, '/after', { cookie })).text).toBe('the application at /after');
  });
});
