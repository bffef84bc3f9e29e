import { once } from 'node:events';
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';

type ReadEvent = Readonly<{ id: string | undefined; event: string | undefined; data: unknown }>;

export type EventReader = Readonly<{
  status: number | undefined;
  headers: IncomingHttpHeaders;
  /** The next event; undefined when the stream has ended. Comments are left out. */
  next(): Promise<ReadEvent | undefined>;
  /** Leaves without a word, as a closed laptop does. */
  abort(): void;
}>;

/** Opens a server-sent event stream, on a connection of its own. */
export async function readEvents(url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventReader> {
  const request = get(url, { agent: false, headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  // Cut off by abort: nobody reads any more.
  response.on('error', () => undefined);
  const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]();
  let buffer = '';
  return {
    status: response.statusCode,
    headers: response.headers,
    abort: () => request.destroy(),
    next: async () => {
      for (;;) {
        const end = buffer.indexOf('\n\n');
        if (end >= 0) {
          const fields = fieldsOf(buffer.slice(0, end));
          buffer = buffer.slice(end + 2);
          const data = fields.get('data');
          if (data === undefined) continue;
          return { id: fields.get('id'), event: fields.get('event'), data: JSON.parse(data) };
        }
        const chunk = await chunks.next();
        if (chunk.done) return undefined;
        buffer += chunk.value;
      }
    },
  };
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    }),
  );
}
