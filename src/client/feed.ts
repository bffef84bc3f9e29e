import type { Item } from '../http/schemas/workbenches.ts';
import type { Send } from './createSend.ts';
import { readEvents } from './readEvents.ts';

export type FeedEvent =
  /** Nothing is missed from now on: the moment to list. */
  | Readonly<{ kind: 'ready' }>
  | Readonly<{ kind: 'item'; item: Item }>
  | Readonly<{ kind: 'gone'; workbenchId: string }>
  /** It is still there, and says so every 15 seconds. */
  | Readonly<{ kind: 'alive' }>;

/** The changes of all workbenches that the caller may see, until the stream ends: then list again, and come back. */
export async function* feed(
  send: Send,
  everybody: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<FeedEvent, void> {
  const { body } = await send('/events', { query: { all: everybody ? 'true' : undefined }, signal });
  for await (const { event, data } of body ? readEvents(body) : []) {
    if (data === undefined) yield { kind: 'alive' };
    else if (event === 'ready') yield { kind: 'ready' };
    else if (event === 'message') yield { kind: 'item', item: JSON.parse(data) as Item };
    else if (event === 'gone') {
      const { workbench_id: workbenchId } = JSON.parse(data) as { workbench_id: string };
      yield { kind: 'gone', workbenchId };
    }
  }
}
