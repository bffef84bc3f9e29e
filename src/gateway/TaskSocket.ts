import { Socket } from 'node:net';

type Written = (error?: Error | null) => void;

/**
 * A connection to a task. A task may answer an upload before it has read all of it, and close: then what is still being
 * written fails, and node would drop the connection with the answer unread. Here only reading tells that the task is gone.
 */
export class TaskSocket extends Socket {
  /** When the last exchange over it ended, and what had been read by then. */
  idleSince = 0;
  readBefore = 0;

  override _write(chunk: unknown, encoding: BufferEncoding, callback: Written): void {
    super._write(chunk, encoding, unlessGone(callback));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], callback: Written): void {
    super._writev?.(chunks, unlessGone(callback));
  }
}

function unlessGone(callback: Written): Written {
  return (error) => callback(error && isReset(error) ? null : error);
}

export function isReset(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    (error.code === 'ECONNRESET' || error.code === 'EPIPE')
  );
}
