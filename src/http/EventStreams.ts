import type { Response } from 'express';
import type { Clock } from '../lib/clock.ts';

/** More often than proxies and load balancers cut idle connections. */
const KEEP_ALIVE_MS = 15_000;
/** When a client that lost its stream comes back. */
const RETRY_MS = 2_000;
/** No timer runs for longer. */
const LONGEST_MS = 2 ** 31 - 1;
/** A client that reads nothing while this much waits for it is gone for all purposes. */
const MOST_UNREAD_BYTES = 64 * 1024;

export type ServerSentEvent = Readonly<{ id?: string; event?: string; data: string }>;

/** Open server-sent event streams: one timer keeps them all alive, and they end together. */
export class EventStreams {
  readonly #open = new Set<Response>();
  readonly #clock: Clock;
  readonly #closing: AbortSignal;
  #keepingAlive = false;

  /** @param closing ends the streams cleanly; the clients come back to whoever listens then */
  constructor(clock: Clock, closing: AbortSignal) {
    this.#clock = clock;
    this.#closing = closing;
    closing.addEventListener('abort', () => {
      for (const response of this.#open) response.end();
    });
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Begins a stream; `ended` is called once, whoever ended it.
   *
   * @param expiresAt of what lets its reader in: the stream ends then, as a poll would be refused; milliseconds since the epoch
   */
  open(response: Response, expiresAt: number | undefined, ended: () => void): void {
    if (response.destroyed) {
      // Its client has left while it was looked for.
      ended();
      return;
    }
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache',
      'X-Accel-Buffering': 'no',
    });
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.#open.add(response);
    const left = expiresAt === undefined ? undefined : Math.min(LONGEST_MS, Math.max(0, expiresAt - this.#clock.now()));
    const expiry = left === undefined ? undefined : setTimeout(() => response.end(), left);
    response.once('close', () => {
      clearTimeout(expiry);
      this.#open.delete(response);
      ended();
    });
    if (this.#closing.aborted) response.end();
    else void this.#keepAlive();
  }

  send(response: Response, { id, event, data }: ServerSentEvent): void {
    this.#write(response, `${id ? `id: ${id}\n` : ''}${event ? `event: ${event}\n` : ''}data: ${data}\n\n`);
  }

  #write(response: Response, text: string): void {
    if (response.writableEnded) return;
    if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
    else response.write(text);
  }

  async #keepAlive(): Promise<void> {
    if (this.#keepingAlive) return;
    this.#keepingAlive = true;
    while (this.#open.size > 0 && !this.#closing.aborted) {
      await this.#clock.sleep(KEEP_ALIVE_MS, this.#closing).catch(() => undefined);
      for (const response of this.#open) this.#write(response, ': keep-alive\n\n');
    }
    this.#keepingAlive = false;
  }
}
