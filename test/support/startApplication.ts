import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { createScriptedRuntime } from './scriptedRuntime.ts';

type Seen = Readonly<{ method: string; url: string; headers: IncomingHttpHeaders; raw: readonly string[] }>;
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const insolent: Answer = ({ url = '' }, response) => {
  response.setHeader('Set-Cookie', ['app=1; Path=/', '__Host-wb=forged; Path=/; Secure']);
  response.setHeader('Clear-Site-Data', '"cookies"');
  response.end(`the application at ${url}`);
};

/** One application that runs in every workbench, and a runtime for the local cloud that says so. */
export async function startApplication(answer: Answer = insolent) {
  const seen: Seen[] = [];
  const app = createServer((request, response) => {
    const { method = '', url = '', headers, rawHeaders: raw } = request;
    seen.push({ method, url, headers, raw });
    answer(request, response);
  });
  new WebSocketServer({ server: app }).on('connection', (socket, { url = '', headers, rawHeaders: raw }) => {
    seen.push({ method: 'UPGRADE', url, headers, raw });
    // Caddy ends those that are left with a frame that no client would send.
    socket.on('error', () => undefined);
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
  return {
    seen,
    runtime,
    close: () => {
      app.closeAllConnections();
      app.close();
    },
  };
}
