import { ApiError, type Client, type Item } from '../client/createClient.ts';
import { pause } from '../client/pause.ts';

export type Connection = 'connecting' | 'live' | 'polling' | 'lost' | 'refused';

export type Shown = Readonly<{
  items: readonly Item[];
  /** All there are have been listed once. */
  complete: boolean;
  /** How many there are, as far as that is known before all of them are here. */
  total: number | undefined;
  connection: Connection;
  /** Why it is lost or refused. */
  error: unknown;
}>;

export type Live = ReturnType<typeof createLive>;

type Options = Readonly<{
  /** Tells failures at once: coming back is this one's own business. */
  client: Pick<Client, 'feed' | 'list' | 'everybody'>;
  everybody: boolean;
  show: (shown: Shown) => void;
}>;

export const nothingYet: Shown = {
  items: [],
  complete: false,
  total: undefined,
  connection: 'connecting',
  error: undefined,
};

/** A few changes at once are one picture. */
const GATHER_MS = 30;
/** The stream says every 15 s that it is there; one that doesn't hangs. */
const SILENCE_MS = 40_000;
/** Until a stream that says nothing at all is taken for one that something in between holds back. */
const READY_MS = 10_000;
const COME_BACK_MS = 2_000;
const PAGES = { first: 100, further: 1_000 };

/**
 * What there is, kept as it is now by one stream: subscribe, then list, then changes. Where no stream comes through, it is
 * listed again and again. An answer never undoes what the stream has said meanwhile.
 */
export function createLive({ client, everybody, show }: Options) {
  const items = new Map<string, Item>();
  /** How often the stream has spoken of each. */
  const heard = new Map<string, number>();
  const closing = new AbortController();
  let state = nothingYet;
  /** What there is will be shown in a moment. */
  let due = false;

  function set(change: Partial<Shown>): void {
    state = { ...state, ...change };
    if (due) return;
    due = true;
    setTimeout(() => {
      due = false;
      if (!closing.signal.aborted) show({ ...state, items: [...items.values()] });
    }, GATHER_MS);
  }

  function hear(workbenchId: string, item: Item | undefined): void {
    heard.set(workbenchId, (heard.get(workbenchId) ?? 0) + 1);
    if (item) items.set(workbenchId, item);
    else items.delete(workbenchId);
    set({});
  }

  async function* pages(signal: AbortSignal) {
    if (!everybody) {
      yield await client.list({ signal });
      return;
    }
    let cursor: string | undefined;
    do {
      const limit: number = cursor === undefined ? PAGES.first : PAGES.further;
      const page = await client.everybody({ limit, cursor, signal });
      if (page.counts) set({ total: Object.values(page.counts).reduce((sum, count) => sum + count, 0) });
      yield page.items;
      cursor = page.next_cursor;
    } while (cursor !== undefined);
  }

  async function load(signal: AbortSignal): Promise<void> {
    const before = new Map(heard);
    const isOlder = (id: string) => heard.get(id) !== before.get(id);
    const listed = new Set<string>();
    for await (const page of pages(signal)) {
      for (const item of page) {
        listed.add(item.workbench_id);
        if (!isOlder(item.workbench_id)) items.set(item.workbench_id, item);
      }
      set({});
    }
    for (const id of [...items.keys()]) if (!listed.has(id) && !isOlder(id)) items.delete(id);
    set({ complete: true, error: undefined });
  }

  /** @returns whether it came to speak */
  async function stream(): Promise<boolean> {
    const breaking = new AbortController();
    const signal = AbortSignal.any([closing.signal, breaking.signal]);
    const breakOff = () => breaking.abort(new TypeError('Nothing has come for too long'));
    let silence = setTimeout(breakOff, READY_MS);
    let ready = false;
    try {
      for await (const event of client.feed({ everybody, signal })) {
        if (ready || event.kind === 'ready') {
          clearTimeout(silence);
          silence = setTimeout(breakOff, SILENCE_MS);
        }
        if (event.kind === 'item') hear(event.item.workbench_id, event.item);
        if (event.kind === 'gone') hear(event.workbenchId, undefined);
        if (event.kind !== 'ready') continue;
        ready = true;
        load(signal).then(
          () => set({ connection: 'live' }),
          (error: unknown) => breaking.abort(error),
        );
      }
      if (breaking.signal.aborted) throw breaking.signal.reason;
    } catch (error) {
      if (isFinal(error)) throw error;
      if (!ready) return false;
      set({ connection: 'lost', error });
    } finally {
      clearTimeout(silence);
    }
    return ready;
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      const spoke = await stream();
      if (spoke) set({ connection: 'lost' });
      else {
        await load(closing.signal).then(
          () => set({ connection: 'polling' }),
          (error: unknown) => {
            if (isFinal(error)) throw error;
            set({ connection: 'lost', error });
          },
        );
      }
      await pause(COME_BACK_MS, closing.signal);
    }
  }

  void run().catch((error: unknown) => {
    if (!closing.signal.aborted) set({ connection: 'refused', error });
  });

  return {
    /** What a command answers is shown at once, unless the stream knows better. */
    async after(workbenchId: string | undefined, command: Promise<Item>): Promise<Item> {
      const before = workbenchId === undefined ? undefined : heard.get(workbenchId);
      const item = await command;
      const { workbench_id: id } = item;
      if (heard.get(id) === before) {
        items.set(id, item);
        set({});
      }
      return item;
    },
    close: () => closing.abort(),
  };
}

/** Coming back would not help. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 401 || error.status === 403);
}
