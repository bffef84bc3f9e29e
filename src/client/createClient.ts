import type { LimitsItem } from '../http/schemas/limits.ts';
import type { Me } from '../http/schemas/me.ts';
import type { OpeningItem } from '../http/schemas/opening.ts';
import type { ProfileItem } from '../http/schemas/profiles.ts';
import type { Creation, Item } from '../http/schemas/workbenches.ts';
import { ApiError } from './ApiError.ts';
import { type ClientOptions, createSend, type Request } from './createSend.ts';
import { feed } from './feed.ts';
import { follow } from './follow.ts';
import { newKey } from './newKey.ts';
import { pause } from './pause.ts';

export type { Creation, Item, LimitsItem, Me, ProfileItem };
export { ApiError };

export type Page = Readonly<{
  items: readonly Item[];
  next_cursor?: string;
  counts?: Readonly<Record<string, number>>;
}>;

export type Client = ReturnType<typeof createClient>;

/** Another controller than the one that was asked to start it may show it as it was for so long. */
const OTHERS_LATE_MS = 6_000;
const LOOK_AGAIN_MS = 1_000;

type Patience = Readonly<{ signal?: AbortSignal }>;

/** The API for browsers and for Node: every call throws ApiError, and the signal's reason when that aborts. */
export function createClient(options: ClientOptions) {
  const send = createSend(options);
  const at = (workbenchId: string, rest = '') => `/workbenches/${encodeURIComponent(workbenchId)}${rest}`;

  async function item<T>(path: string, request?: Request): Promise<T> {
    const answer = (await (await send(path, request)).json()) as { item: T };
    return answer.item;
  }

  /**
   * Waits until the workbench has come to that.
   * @returns undefined when it is gone
   */
  async function until(
    workbenchId: string,
    reached: (item: Item) => boolean,
    { signal }: Patience = {},
  ): Promise<Item | undefined> {
    for await (const seen of follow(send, workbenchId, signal)) if (!seen || reached(seen)) return seen;
    return undefined;
  }

  async function page(query: NonNullable<Request['query']>, { signal }: Patience): Promise<Page> {
    return (await (await send('/workbenches', { query, signal })).json()) as Page;
  }

  return {
    me: (patience: Patience = {}) => item<Me>('/me', patience),
    limits: (patience: Patience = {}) => item<LimitsItem>('/limits', patience),

    async profiles({ signal }: Patience = {}): Promise<readonly ProfileItem[]> {
      return ((await (await send('/profiles', { signal })).json()) as { items: readonly ProfileItem[] }).items;
    },

    list: async (patience: Patience = {}): Promise<readonly Item[]> => (await page({}, patience)).items,

    /** Of everybody's, for operators. @param cursor the `next_cursor` of the page before */
    everybody: ({
      limit,
      cursor,
      signal,
    }: Patience & { limit?: number; cursor?: string | undefined } = {}): Promise<Page> =>
      page({ all: 'true', limit: limit?.toString(), cursor }, { ...(signal ? { signal } : {}) }),

    /** Changes alone. @param everybody for operators */
    feed: ({ everybody = false, signal }: Patience & { everybody?: boolean } = {}) => feed(send, everybody, signal),

    /** @param key the same key makes one workbench, however often it is sent: keep it where a page may be reloaded */
    create: (wish: Creation = {}, { key = newKey(), signal }: Patience & { key?: string } = {}) =>
      item<Item>('/workbenches', { method: 'POST', headers: { 'Idempotency-Key': key }, body: wish, signal }),

    get: (workbenchId: string, { signal }: Patience = {}) => item<Item>(at(workbenchId), { signal }),

    /** From the next start on; the name at once. */
    change: (workbenchId: string, wish: Creation, { signal }: Patience = {}) =>
      item<Item>(at(workbenchId), { method: 'PATCH', body: wish, signal }),

    start: (workbenchId: string, { signal }: Patience = {}) =>
      item<Item>(at(workbenchId, '/start'), { method: 'POST', signal }),

    stop: (workbenchId: string, { signal }: Patience = {}) =>
      item<Item>(at(workbenchId, '/stop'), { method: 'POST', signal }),

    /** With all its data. */
    destroy: (workbenchId: string, { signal }: Patience = {}) =>
      item<Item>(at(workbenchId), { method: 'DELETE', signal }),

    /** Where to send the browser, now: the URL serves once. */
    open: (workbenchId: string, { path, signal }: Patience & { path?: string } = {}) =>
      item<OpeningItem>(at(workbenchId, '/open'), { method: 'POST', body: path === undefined ? {} : { path }, signal }),

    /** What it printed last. */
    async logs(workbenchId: string, { lines, signal }: Patience & { lines?: number } = {}): Promise<string> {
      const query = { lines: lines === undefined ? undefined : String(lines) };
      return await (await send(at(workbenchId, '/logs'), { query, signal })).text();
    },

    /** The workbench now and at every change; undefined, the last, when it is gone. */
    follow: (workbenchId: string, { signal }: Patience = {}) => follow(send, workbenchId, signal),
    until,

    /** Once it is started it comes to `running`, or fails and is `stopped`, with a reason. Undefined when it is gone. */
    async untilRunning(workbenchId: string, patience: Patience = {}): Promise<Item | undefined> {
      const believedAt = Date.now() + OTHERS_LATE_MS;
      for (;;) {
        const seen = await until(workbenchId, ({ status }) => status === 'running' || status === 'stopped', patience);
        if (seen?.status !== 'stopped' || Date.now() > believedAt) return seen;
        await pause(LOOK_AGAIN_MS, patience.signal);
      }
    },

    async untilGone(workbenchId: string, patience: Patience = {}): Promise<void> {
      await until(workbenchId, () => false, patience);
    },
  };
}
