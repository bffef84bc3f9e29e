export type ServerEvent = Readonly<{
  id: string | undefined;
  event: string;
  /** Undefined: it says no more than how long to wait before coming back. */
  data: string | undefined;
  retryMs: number | undefined;
}>;

/**
 * The events of a `text/event-stream`. Not by EventSource: that can't send a token. What a stream that broke off left
 * unfinished is dropped, as the standard has it.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        yield eventOf(block);
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function eventOf(block: string): ServerEvent {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    fields.set(name, name === 'data' && fields.has('data') ? `${fields.get('data')}\n${value}` : value);
  }
  const retry = fields.get('retry');
  const retryMs = retry === undefined ? undefined : Number(retry);
  return { id: fields.get('id'), event: fields.get('event') ?? 'message', data: fields.get('data'), retryMs };
}
