import { Socket } from 'node:net';

type Written = (error?: Error | null) => void;

/** Whoever has a connection to a task at the moment. */
export interface TaskUser {
  data(chunk: Buffer): void;
  drain(): void;
  /** Once: nothing more will come. */
  gone(error: Error): void;
}

/**
 * A connection to a task, used by one exchange at a time. A task may answer an upload before it has read all of it, and
 * close: then what is still being written fails, and node would drop the connection with the answer unread. Here only
 * reading tells that the task is gone.
 */
export class TaskSocket extends Socket {
  /** When the last exchange over it ended. */
  idleSince = 0;
  user: TaskUser | undefined;
  #error: Error | undefined;
  readonly #read = (chunk: Buffer): void => {
    // Bytes that belong to no request would be taken for the answer to the next.
    if (this.user) this.user.data(chunk);
    else this.destroy();
  };

  constructor() {
    super();
    // For good, so that no exchange has to.
    this.on('data', this.#read);
    this.on('drain', () => this.user?.drain());
    this.on('error', (error) => {
      this.#error = error;
    });
    const gone = () => {
      const { user } = this;
      this.user = undefined;
      user?.gone(this.#error ?? new Error('The task has closed the connection'));
    };
    this.on('end', gone);
    this.on('close', gone);
  }

  /** What comes from now on is for whoever listens. */
  release(): void {
    this.user = undefined;
    this.removeListener('data', this.#read);
  }

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

function isReset(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
