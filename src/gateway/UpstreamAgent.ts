import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';

/** Opens a connection to a task: connectUpstream, and the bookkeeping that lets the gateway close it. */
export type OpenConnection = (host: string, port: number) => Promise<Duplex>;

/**
 * Hands a request its socket only once that is connected. As a body starts to flow with the socket, this is what makes
 * it safe to wait for a port that does not listen yet: nothing of an upload has been read by then.
 */
export class UpstreamAgent extends Agent {
  private readonly open: OpenConnection;

  /** @param idleMs how long an unused connection is kept for the next request; 0: each request has its own */
  constructor(open: OpenConnection, idleMs: number) {
    super(idleMs > 0 ? { keepAlive: true, timeout: idleMs } : {});
    this.open = open;
  }

  override createConnection(
    options: ClientRequestArgs,
    callback: (error: Error | null, stream: Duplex) => void = () => undefined,
  ): undefined {
    this.open(String(options.host), Number(options.port)).then(
      (socket) => callback(null, socket),
      // Node passes no stream with an error; its types cannot say so.
      (error: Error) => (callback as (error: Error) => void)(error),
    );
  }
}
