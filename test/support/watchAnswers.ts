import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Door } from '../../src/http/createDoor.ts';
import type { App } from '../../src/http/createServer.ts';
import { judgeAnswer } from './judgeAnswer.ts';

/** Not of the API: what the gateway's place at proxies is, and files of a page. */
const others = /^\/(?:auth|docs)\/./;

/** Every answer of the API that a test sees, held against its description. */
export function watchAnswers(urlPrefix: string) {
  const faults: string[] = [];

  function watch(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '' } = request;
    const whole = url.replace(/^https?:\/\/[^/?#]*/i, '').split('?', 1)[0] ?? '';
    const path = pathBelow(urlPrefix, whole);
    if (others.test(path)) return;
    const chunks: Buffer[] = [];
    const keep = (chunk: unknown) => {
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string));
    };
    const { write, writeHead, end } = response;
    let more: object = {};
    Object.assign(response, {
      // What it is given is not among the headers of the response.
      writeHead: (...given: Parameters<typeof writeHead>) => {
        more = Object.fromEntries(Object.entries(given.at(-1) ?? {}));
        return writeHead.apply(response, given);
      },
      write: (...given: Parameters<typeof write>) => {
        keep(given[0]);
        return write.apply(response, given);
      },
      end: (...given: Parameters<typeof end>) => {
        // Node ends by calling itself, and what it is given by then is no chunk.
        if (!response.writableEnded) keep(given[0]);
        return end.apply(response, given);
      },
    });
    response.once('close', () => {
      const headers = lowerCased({ ...response.getHeaders(), ...more });
      // Streams are left by their readers.
      if (!response.writableFinished && !String(headers['content-type']).startsWith('text/event-stream')) return;
      const body = Buffer.concat(chunks).toString();
      const fault = judgeAnswer({
        method,
        path,
        status: response.statusCode,
        headers,
        body: method === 'HEAD' ? '' : body,
      });
      if (fault) faults.push(`${method} ${url}: ${response.statusCode} ${body.slice(0, 300)}\n  ${fault}`);
    });
  }

  return {
    app:
      (app: App): App =>
      (request, response, next) => {
        watch(request, response);
        return app(request, response, next);
      },
    door: (door: Door): Door => ({
      ...door,
      turnAway: (request, response, refused) => {
        watch(request, response);
        door.turnAway(request, response, refused);
      },
    }),
    /** @throws if there was one that isn't in the description, or not so */
    verify(): void {
      if (faults.length > 0) throw new Error(`Not as described:\n${faults.slice(0, 10).join('\n')}`);
    },
  };
}

/** The API is below its prefix, but for the health calls, which are everywhere; Express takes another case. */
function pathBelow(urlPrefix: string, path: string): string {
  if (path.toLowerCase().startsWith(`${urlPrefix}/`.toLowerCase())) return path.slice(urlPrefix.length);
  return /^\/(?:healthz|readyz)\/?$/i.test(path) ? path : '/outside';
}

function lowerCased(headers: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
