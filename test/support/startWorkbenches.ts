import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { WebSocketServer } from 'ws';
import { startTestCloud } from '../../local-cloud/test/support/startTestCloud.ts';
import type { Timings } from '../../src/lib/timings.ts';
import { createScriptedRuntime } from './scriptedRuntime.ts';
import { startController } from './startController.ts';

export const KEY = 'the-key-of-the-frontend';

type Seen = Readonly<{ method: string; url: string; headers: IncomingHttpHeaders; raw: readonly string[] }>;

/** A cloud, a controller with authentication, and an application that runs in each of its workbenches. */
export async function startWorkbenches(
  environment: Readonly<Record<string, string>> = {},
  pace: Partial<Timings> = {},
) {
  const seen: Seen[] = [];
  const app = createServer((request, response) => {
    const { method = '', url = '', headers, rawHeaders: raw } = request;
    seen.push({ method, url, headers, raw });
    response.setHeader('Set-Cookie', ['app=1; Path=/', '__Host-wb=forged; Path=/; Secure']);
    response.setHeader('Clear-Site-Data', '"cookies"');
    response.end(`the application at ${url}`);
  });
  new WebSocketServer({ server: app }).on('connection', (socket, { url = '', headers, rawHeaders: raw }) => {
    seen.push({ method: 'UPGRADE', url, headers, raw });
    socket.on('message', (data) => socket.send(`heard ${data}`));
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  const hostPort = (app.address() as AddressInfo).port;

  const scripted = createScriptedRuntime();
  const runtime = {
    ...scripted,
    start: async (spec: Parameters<typeof scripted.start>[0]) => ({
      ...(await scripted.start(spec)),
      ports: spec.containerPorts.map((containerPort) => ({ containerPort, hostPort })),
    }),
  };
  const test = await startTestCloud({ runtime });
  const log: string[] = [];
  const controller = await startController(
    test.cloud.url,
    { RESTAPI_AUTH_STATIC_KEY: KEY, ...environment },
    { pace, logger: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }) },
  );

  async function call(method: string, path: string, body?: object, key = KEY) {
    const response = await fetch(`${controller.url}${path}`, {
      method,
      headers: {
        ...(key ? { Authorization: `Bearer ${key}` } : {}),
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      body: body ? JSON.stringify(body) : null,
    });
    const { item, error } = (await response.json()) as { item?: Record<string, string>; error?: { code: string } };
    return { status: response.status, item: item ?? {}, code: error?.code };
  }

  return {
    ...test,
    url: controller.url,
    seen,
    log,
    call,
    /** @returns the id of a workbench that runs */
    async create(user: string): Promise<string> {
      const { item } = await call('POST', `/workbenches?user_id=${user}`);
      const wid = String(item['workbench_id']);
      for (let status = ''; status !== 'running'; ) {
        status = String((await call('GET', `/workbenches/${wid}?user_id=${user}&wait=5`)).item['status']);
      }
      return wid;
    },
    open: (wid: string, user: string, body?: object) => call('POST', `/workbenches/${wid}/open?user_id=${user}`, body),
    async [Symbol.asyncDispose]() {
      await controller.close();
      await test[Symbol.asyncDispose]();
      app.closeAllConnections();
      app.close();
    },
  };
}

export type Workbenches = Awaited<ReturnType<typeof startWorkbenches>>;
