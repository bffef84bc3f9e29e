import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { promptCalls, startController } from '../support/startController.ts';
import { chaosPace, type Replica, type ReplicaSource } from './controllers.ts';

/**
 * Replicas in this process, each with a line of its own to the cloud. Killing one cuts that line and drops its callers:
 * from then on it can have no effect on anything.
 */
export function inProcessReplicas(): ReplicaSource {
  const ending = new Set<Promise<void>>();
  return {
    async start(cloudUrl): Promise<Replica> {
      const line = await openLine(Number(new URL(cloudUrl).port));
      const caller = await openLine(0);
      const controller = await startController(line.url, {}, { pace: { ...chaosPace, ...promptCalls } });
      caller.leadTo(Number(new URL(controller.url).port));
      const end = async (): Promise<void> => {
        await controller.close();
        line.cut();
        caller.cut();
      };
      return {
        url: caller.url,
        kill() {
          line.cut();
          caller.cut();
          ending.add(end());
        },
        close: end,
      };
    },
    async close() {
      await Promise.all(ending);
    },
  };
}

type Line = Readonly<{ url: string; leadTo(port: number): void; cut(): void }>;

/** A way to a port of this host that can be cut. */
async function openLine(to: number): Promise<Line> {
  let target = to;
  let alive = true;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    return socket;
  };
  const server = createServer((inbound) => {
    if (!alive) {
      inbound.destroy();
      return;
    }
    const outbound = keep(connect(target, '127.0.0.1'));
    keep(inbound).on('close', () => outbound.destroy());
    outbound.on('close', () => inbound.destroy());
    inbound.pipe(outbound).pipe(inbound);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo(port) {
      target = port;
    },
    cut() {
      alive = false;
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
}
