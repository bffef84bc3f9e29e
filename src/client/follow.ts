import type { Item } from '../http/schemas/workbenches.ts';
import { ApiError } from './ApiError.ts';
import { isNoAnswer, type Send } from './createSend.ts';
import { pause } from './pause.ts';
import { readEvents } from './readEvents.ts';

/** Before a reader comes back, unless the stream says otherwise. */
const COME_BACK_MS = 2_000;

/**
 * A workbench now and at every change, until it is gone: then undefined, once. Streams that break off, as when the
 * controller is replaced, are taken up where they ended.
 */
export async function* follow(
  send: Send,
  workbenchId: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Item | undefined, void> {
  let lastId: string | undefined;
  let comeBackMs = COME_BACK_MS;
  for (;;) {
    try {
      const headers = { 'Last-Event-ID': lastId };
      const { body } = await send(`/workbenches/${encodeURIComponent(workbenchId)}/events`, { headers, signal });
      for await (const { id, event, data, retryMs } of body ? readEvents(body) : []) {
        comeBackMs = retryMs ?? comeBackMs;
        if (data === undefined) continue;
        if (event === 'gone') return yield undefined;
        lastId = id ?? lastId;
        if (event === 'message') yield JSON.parse(data) as Item;
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return yield undefined;
      // It broke off while it was read.
      if (!isNoAnswer(error) || signal?.aborted) throw error;
    }
    await pause(comeBackMs, signal);
  }
}
