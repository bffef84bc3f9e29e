import { useMemo, useState } from 'preact/hooks';
import { BatchStop } from './BatchStop.tsx';
import { ConnectionState } from './ConnectionState.tsx';
import { kindOf, statusText } from './format.ts';
import { Problem } from './Problem.tsx';
import { Refused } from './UserView.tsx';
import { useLive } from './useLive.ts';
import { type Order, useSelection } from './useSelection.ts';
import { type Column, Heading, Workbenches } from './Workbenches.tsx';

/** Everybody's workbenches. All of them are held here, so that looking for some waits for nobody. */
export function OperatorView() {
  const { shown, after } = useLive(undefined, true);
  const selection = useSelection(shown.items);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [stopping, setStopping] = useState(false);
  const { found, page, pages, counts, filters, change } = selection;
  const stoppable = useMemo(() => shown.items.filter((item) => chosen.has(item.workbench_id)), [shown.items, chosen]);

  if (shown.connection === 'refused') return <Refused error={shown.error} />;

  function choose(ids: readonly string[], add: boolean): void {
    const all = new Set(chosen);
    for (const id of ids) {
      if (add) all.add(id);
      else all.delete(id);
    }
    setChosen(all);
  }

  const total = shown.complete ? shown.items.length : (shown.total ?? shown.items.length);
  return (
    <main>
      <div class="heading">
        <h1 tabIndex={-1}>Everybody’s workbenches</h1>
        <ConnectionState shown={shown} />
      </div>
      <search class="filters">
        <label>
          Search
          <input
            type="search"
            value={filters.text}
            placeholder="name, user or id"
            onInput={(event) => change({ text: event.currentTarget.value })}
          />
        </label>
        <fieldset aria-label="Status">
          <Filter
            text="All"
            count={shown.complete ? shown.items.length : total}
            status={undefined}
            {...{ filters, change }}
          />
          {[...counts].map(([status, count]) => (
            <Filter key={status} text={statusText(status)} count={count} status={status} {...{ filters, change }} />
          ))}
        </fieldset>
      </search>
      <div class="batch">
        <p>
          {found.length} found
          {!shown.complete &&
            shown.items.length > 0 &&
            ` in the first ${shown.items.length} of ${total}; loading the others`}
          {chosen.size > 0 && ` · ${chosen.size} chosen`}
        </p>
        <button
          type="button"
          class="tool"
          onClick={() =>
            choose(
              found.map(({ workbench_id }) => workbench_id),
              true,
            )
          }
        >
          Choose all found
        </button>
        {chosen.size > 0 && (
          <>
            <button type="button" class="tool" onClick={() => setChosen(new Set())}>
              Choose none
            </button>
            <button type="button" class="tool" aria-haspopup="dialog" onClick={() => setStopping(true)}>
              Stop chosen…
            </button>
          </>
        )}
      </div>
      <Workbenches
        items={page}
        after={after}
        empty={<Empty shown={shown} filtered={shown.items.length > 0} />}
        everybody={{ chosen, choose, heading: (column, text) => <Sorter {...{ column, text, filters, change }} /> }}
      />
      <nav class="pages" aria-label="Pages">
        <button
          type="button"
          class="tool"
          disabled={filters.page === 0}
          onClick={() => change({ page: filters.page - 1 })}
        >
          Previous
        </button>
        <span>
          Page {filters.page + 1} of {pages}
        </span>
        <button
          type="button"
          class="tool"
          disabled={filters.page + 1 >= pages}
          onClick={() => change({ page: filters.page + 1 })}
        >
          Next
        </button>
      </nav>
      {stopping && (
        <BatchStop
          items={stoppable.filter((item) => ['running', 'up'].includes(kindOf(item)))}
          others={stoppable.filter((item) => !['running', 'up'].includes(kindOf(item)))}
          after={after}
          close={() => setStopping(false)}
        />
      )}
    </main>
  );
}

function Empty({ shown, filtered }: Readonly<{ shown: ReturnType<typeof useLive>['shown']; filtered: boolean }>) {
  if (filtered) return <>Nothing like that is here.</>;
  if (shown.connection === 'lost') return <Problem error={shown.error} />;
  return <>{shown.complete ? 'Nobody has a workbench yet.' : 'Loading…'}</>;
}

type Choosing = Pick<ReturnType<typeof useSelection>, 'filters' | 'change'>;

function Filter({
  text,
  count,
  status,
  filters,
  change,
}: Choosing & Readonly<{ text: string; count: number; status: string | undefined }>) {
  return (
    <button
      type="button"
      class="tool"
      aria-pressed={filters.status === status}
      onClick={() => change({ status })}
    >{`${text} ${count}`}</button>
  );
}

function Sorter({ column, text, filters: { order }, change }: Choosing & Readonly<{ column: Column; text: string }>) {
  const sorted = order.by === column;
  const next: Order = { by: column, descending: sorted && !order.descending };
  const direction = order.descending ? 'descending' : 'ascending';
  return (
    <Heading column={column} sort={sorted ? direction : undefined}>
      <button type="button" class="sort" onClick={() => change({ order: next })}>
        {text}
      </button>
    </Heading>
  );
}
