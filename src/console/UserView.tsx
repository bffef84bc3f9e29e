import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Item } from '../client/createClient.ts';
import { useApp } from './App.ts';
import { ConnectionState } from './ConnectionState.tsx';
import { CreateForm } from './CreateForm.tsx';
import { kindOf } from './format.ts';
import { Problem } from './Problem.tsx';
import { useLive } from './useLive.ts';
import { useLimits } from './useOffers.ts';
import { Workbenches } from './Workbenches.tsx';

/** One user's workbenches. */
export function UserView({ userId }: Readonly<{ userId: string | undefined }>) {
  const { shown, after } = useLive(userId, false);
  const items = useMemo(
    () => [...shown.items].sort((one, other) => one.created_at.localeCompare(other.created_at)),
    [shown.items],
  );
  const counted = items.map(({ workbench_id, status }) => `${workbench_id} ${status}`).join();
  const limits = useLimits(userId, counted);
  useArrivals(items);

  if (shown.connection === 'refused') return <Refused error={shown.error} />;
  return (
    <main>
      <div class="heading">
        <h1 tabIndex={-1}>
          Workbenches{' '}
          {userId !== undefined && (
            <>
              of <bdi>{userId}</bdi>
            </>
          )}
        </h1>
        <ConnectionState shown={shown} />
      </div>
      <CreateForm userId={userId} limits={limits} after={after} />
      <Workbenches
        items={items}
        after={after}
        empty={
          shown.complete ? (
            <>
              <strong>No workbenches yet.</strong> Create one: it starts by itself, and its files stay when it stops.
            </>
          ) : shown.connection === 'lost' ? (
            <Problem error={shown.error} />
          ) : (
            'Loading…'
          )
        }
      />
    </main>
  );
}

export function Refused({ error }: Readonly<{ error: unknown }>) {
  return (
    <main>
      <div class="heading">
        <h1 tabIndex={-1}>You may not see this</h1>
      </div>
      <Problem error={error} />
      <p>
        <a href="#/">Your own workbenches</a>
      </p>
    </main>
  );
}

/** Says what comes up and what stops by itself: nobody watches rows all the time. */
function useArrivals(items: readonly Item[]): void {
  const { say } = useApp();
  const before = useRef(new Map<string, string>());
  useEffect(() => {
    for (const item of items) {
      const { workbench_id: id, workbench_name: name, stopped_reason: reason } = item;
      const kind = kindOf(item);
      const was = before.current.get(id);
      if (was !== undefined && was !== kind) {
        if (kind === 'running') say({ text: `${name} is running.` });
        if (kind === 'stopped') say({ text: `${name} is stopped; its files are kept.` });
        if (kind === 'failed') say({ text: `${name} has stopped by itself: ${reason?.code}.` });
      }
      before.current.set(id, kind);
    }
  }, [items, say]);
}
