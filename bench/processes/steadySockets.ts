import { WebSocket } from 'ws';
import { answerParent } from '../support/ipc.ts';

/** Websockets as an IDE has them: one that is cut is opened again at once. */

export type Steady = Readonly<{ port: number; path: string; headers: Record<string, string>; sockets: number }>;
export type Recovery = Readonly<{ lost: number; againAfterMs: number }>;

const open = new Set<WebSocket>();
let wanted = 0;
let lost = 0;
let firstLostAt = 0;
let allAgainAt = 0;

function connect(plan: Steady): void {
  const socket = new WebSocket(`ws://127.0.0.1:${plan.port}${plan.path}`, {
    ...{ perMessageDeflate: false, headers: plan.headers },
  });
  socket.on('error', () => undefined);
  socket.on('open', () => {
    open.add(socket);
    if (open.size === wanted) allAgainAt = performance.now();
  });
  socket.on('close', () => {
    if (open.delete(socket)) {
      if (lost === 0) firstLostAt = performance.now();
      lost += 1;
    }
    if (wanted > 0) connect(plan);
  });
}

answerParent({
  hold(plan: Steady) {
    wanted = plan.sockets;
    for (let index = 0; index < wanted; index += 1) connect(plan);
  },
  openNow: () => open.size,
  recovery: (): Recovery => ({ lost, againAfterMs: allAgainAt - firstLostAt }),
});
