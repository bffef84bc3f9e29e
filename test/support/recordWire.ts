import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A call as it was sent: ECS's by its target's last part, that of logs after `logs:`, EFS's by method and path. */
export type WireCall = Readonly<{ call: string; body: Record<string, unknown> }>;

export type Wire = Readonly<{
  url: string;
  calls: readonly WireCall[];
  /** The bodies of one kind of call, in order. */
  bodiesOf(call: string): Record<string, unknown>[];
  [Symbol.asyncDispose](): Promise<void>;
}>;

/** Stands before a cloud and writes down what passes. */
export async function recordWire(cloudUrl: string): Promise<Wire> {
  const calls: WireCall[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    const target = incoming.headers['x-amz-target'];
    const call =
      typeof target === 'string'
        ? target.replace(/^Logs_\d+\./, 'logs:').replace(/^\w+\./, '')
        : `${incoming.method} ${incoming.url}`;
    calls.push({ call, body: body.length > 0 ? JSON.parse(body.toString()) : {} });
    const { method, url, headers } = incoming;
    const onward = request(new URL(url ?? '/', cloudUrl), { ...(method ? { method } : {}), headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    onward.end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    bodiesOf: (call) => calls.filter((one) => one.call === call).map(({ body }) => body),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
