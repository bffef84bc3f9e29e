import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What the server knows of a client's connection beyond node. */
export interface Connection {
  /** The answer to its latest request; node sends them in turn. */
  latest: ServerResponse | undefined;
  /** It has had its last answer: whatever else it has sent is not run. */
  refused: boolean;
}

/** The clients' connections. Not counted per address: all that come through a load balancer have one. */
export class Connections {
  readonly #known = new WeakMap<Duplex, Connection>();
  #open = 0;

  get open(): number {
    return this.#open;
  }

  of(socket: Duplex): Connection {
    let connection = this.#known.get(socket);
    if (!connection) {
      connection = { latest: undefined, refused: false };
      this.#known.set(socket, connection);
    }
    return connection;
  }

  /** @returns undefined if it is known already: node hands one back and forth where an upgrade is ignored */
  add(socket: Socket): Connection | undefined {
    if (this.#known.has(socket)) return undefined;
    this.#open += 1;
    socket.once('close', () => {
      this.#open -= 1;
    });
    return this.of(socket);
  }
}

export function isAnswered({ latest }: Connection): boolean {
  return latest === undefined || latest.writableFinished || latest.destroyed;
}
