import { useMemo, useState } from 'preact/hooks';
import type { Item } from '../client/createClient.ts';
import type { Column } from './Workbenches.tsx';

export type Order = Readonly<{ by: Column; descending: boolean }>;
type Filters = Readonly<{ text: string; status: string | undefined; order: Order; page: number }>;

const PAGE = 50;
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
const keys: Readonly<Record<Column, (item: Item) => string>> = {
  name: (item) => item.workbench_name,
  user: (item) => item.user_id,
  status: (item) => item.status,
  created: (item) => item.created_at,
};

/** What is looked for in each, made once. */
const texts = new WeakMap<Item, string>();

function textOf(item: Item): string {
  const known = texts.get(item);
  if (known !== undefined) return known;
  const text = `${item.workbench_name}\n${item.user_id}\n${item.workbench_id}`.toLowerCase();
  texts.set(item, text);
  return text;
}

/** Those that are found, in their order, page by page. */
export function useSelection(items: readonly Item[]) {
  const [filters, setFilters] = useState<Filters>({
    text: '',
    status: undefined,
    order: { by: 'created', descending: true },
    page: 0,
  });
  const { text, status, order } = filters;

  const sorted = useMemo(() => {
    const { by, descending } = order;
    const key = keys[by];
    const compare =
      by === 'created' || by === 'status'
        ? (one: Item, other: Item) => (key(one) < key(other) ? -1 : Number(key(one) > key(other)))
        : (one: Item, other: Item) => collator.compare(key(one), key(other));
    const all = [...items].sort(compare);
    return descending ? all.reverse() : all;
  }, [items, order]);
  const matching = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    return wanted === '' ? sorted : sorted.filter((item) => textOf(item).includes(wanted));
  }, [sorted, text]);
  const counts = useMemo(() => {
    const made = new Map<string, number>();
    for (const item of matching) made.set(item.status, (made.get(item.status) ?? 0) + 1);
    return new Map([...made].sort());
  }, [matching]);
  const found = useMemo(
    () => (status === undefined ? matching : matching.filter((item) => item.status === status)),
    [matching, status],
  );

  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  const at = Math.min(filters.page, pages - 1);
  return {
    found,
    pages,
    counts,
    page: found.slice(at * PAGE, (at + 1) * PAGE),
    filters: { ...filters, page: at },
    /** Another filter begins at the first page. */
    change: (part: Partial<Filters>) => setFilters((all) => ({ ...all, page: 0, ...part })),
  };
}
