import type { Socket } from 'node:net';
import { type Connection, isAnswered } from './Connections.ts';

/**
 * A client that has sent its last may still read: it gets its answer. But one that has gone looks the same, until
 * something is written to it. So where nothing is for a while, one that has no answer yet gets a 100, which every client
 * skips and a closed connection answers with a reset, which the next one finds; one in the midst of an answer is taken for
 * gone.
 */
export function watchHalfClosed(socket: Socket, connection: Connection, everyMs: number): void {
  let written = socket.bytesWritten;
  let questions = 2;
  const timer = setInterval(() => {
    const { latest } = connection;
    if (socket.destroyed || !latest || isAnswered(connection)) {
      clearInterval(timer);
    } else if (socket.bytesWritten !== written || socket.writableLength > 0) {
      written = socket.bytesWritten;
    } else if (latest.headersSent) {
      socket.destroy();
    } else if (questions > 0 && latest.socket === socket && latest.req.httpVersion === '1.1') {
      questions -= 1;
      socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      written = socket.bytesWritten;
    }
  }, everyMs);
  timer.unref();
}
