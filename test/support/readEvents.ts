export type ReadEvent = Readonly<{ id: string | undefined; event: string | undefined; data: unknown }>;

export type EventReader = Readonly<{
  response: Response;
  /** The next event; undefined when the stream has ended. Comments are left out. */
  next(): Promise<ReadEvent | undefined>;
  /** Leaves without a word, as a closed laptop does. */
  abort(): void;
}>;

/** Opens a server-sent event stream. */
export async function readEvents(url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventReader> {
  const leaving = new AbortController();
  const response = await fetch(url, { headers, signal: leaving.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  return {
    response,
    abort: () => leaving.abort(),
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
        const chunk = await reader?.read();
        if (!chunk || chunk.done) return undefined;
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
