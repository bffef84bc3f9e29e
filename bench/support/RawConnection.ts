import { connect, type Socket } from 'node:net';

/** An answer as it arrived; the text is Latin-1, which is enough for what is looked for in it. */
export type RawAnswer = Readonly<{ status: number; text: string; bodyAt: number }>;

/**
 * One HTTP/1.1 connection, one request at a time, requests given as bytes. It does a fraction of the work of a real
 * client, so that two cores are enough for a server and for who measures it.
 */
export class RawConnection {
  readonly #port: number;
  readonly #failed: (error: Error) => void;
  #socket: Socket | undefined;
  #unread = '';
  #answered: ((answer: RawAnswer) => void) | undefined;

  constructor(port: number, failed: (error: Error) => void) {
    this.#port = port;
    this.#failed = failed;
  }

  send(request: Buffer, answered: (answer: RawAnswer) => void): void {
    this.#answered = answered;
    this.#socket ??= this.#connect();
    this.#socket.write(request);
  }

  close(): void {
    this.#answered = undefined;
    this.#socket?.destroy();
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    const ended = (error: Error): void => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      // Servers end connections that have been idle for a while; the next request opens another.
      if (this.#answered) this.#failed(error);
    };
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', ended);
    socket.on('close', () => ended(new Error('the server closed a connection')));
    return socket;
  }

  #read(chunk: Buffer): void {
    const text = this.#unread === '' ? chunk.toString('latin1') : this.#unread + chunk.toString('latin1');
    const headEnd = text.indexOf('\r\n\r\n');
    const bodyAt = headEnd + 4;
    if (headEnd < 0 || text.length < bodyAt + lengthOf(text, headEnd)) {
      this.#unread = text;
      return;
    }
    this.#unread = '';
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.({ status: Number(text.slice(9, 12)), text, bodyAt });
  }
}

const contentLength = /content-length: (\d+)/i;

function lengthOf(text: string, headEnd: number): number {
  if (text.startsWith('304', 9)) return 0;
  const length = contentLength.exec(text.slice(0, headEnd))?.[1];
  if (length === undefined) throw new Error(`an answer without a length: ${text.slice(0, headEnd)}`);
  return Number(length);
}

export function requestBytes(path: string, headers: Readonly<Record<string, string>> = {}): Buffer {
  const lines = Object.entries({ Host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
}
