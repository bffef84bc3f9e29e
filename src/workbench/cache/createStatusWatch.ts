import type { Context } from '../../lib/Context.ts';
import { createLoop, type Next } from '../../lib/createLoop.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { noSuchWorkbench } from '../model/errors.ts';
import type { WorkbenchView } from '../model/WorkbenchView.ts';
import type { WorkbenchLister } from './createWorkbenchLister.ts';
import type { RecordStore } from './RecordStore.ts';
import type { TaskStore } from './TaskStore.ts';

/** `undefined`: the workbench is gone. */
export type Listener = (view: WorkbenchView | undefined) => void;

type Watched = { readonly userId: string; readonly listeners: Set<Listener>; shown: string };

export type StatusWatch = ReturnType<typeof createStatusWatch>;

/** Tells of changes of what callers see, once each, however many listen. */
export function createStatusWatch(lister: WorkbenchLister, records: RecordStore, tasks: TaskStore, context: Context) {
  const watched = new Map<string, Watched>();
  const closing = new AbortController();
  const { watchEveryMs } = context.timings;

  /** @param view the last view that the listener knows. @returns ends that */
  function listen(view: WorkbenchView, listener: Listener): () => void {
    const { id, userId } = view.workbench;
    const one = watched.get(id) ?? { userId, listeners: new Set<Listener>(), shown: shownOf(view) };
    watched.set(id, one);
    one.listeners.add(listener);
    void asking.run();
    return () => {
      one.listeners.delete(listener);
      if (one.listeners.size === 0) watched.delete(id);
    };
  }

  /**
   * The next view that differs, or undefined when the time is up, the signal aborts or this process is about to end.
   * @throws NotFoundError when the workbench goes
   */
  async function next(view: WorkbenchView, milliseconds: number, signal: AbortSignal) {
    const over = new AbortController();
    const end = () => over.abort();
    signal.addEventListener('abort', end);
    closing.signal.addEventListener('abort', end);
    if (signal.aborted || closing.signal.aborted) end();
    let changed: WorkbenchView | 'gone' | undefined;
    const stopListening = listen(view, (changedTo) => {
      changed = changedTo ?? 'gone';
      end();
    });
    await context.clock.sleep(milliseconds, over.signal).catch(() => undefined);
    stopListening();
    signal.removeEventListener('abort', end);
    closing.signal.removeEventListener('abort', end);
    if (changed === 'gone') throw noSuchWorkbench();
    return changed;
  }

  function ask(id: string | undefined): void {
    const one = id ? watched.get(id) : undefined;
    if (!id || !one) return;
    const known = lister.peek(one.userId, id);
    if (known) tell(one, known);
    else void askCloud(id, one);
  }

  async function askCloud(id: string, one: Watched): Promise<void> {
    try {
      tell(one, await lister.get(one.userId, id));
    } catch (error) {
      if (error instanceof NotFoundError) tell(one, undefined);
      // Anything else is AWS not answering: unknown is no status, so there is nothing to tell.
    }
  }

  function tell(one: Watched, view: WorkbenchView | undefined): void {
    const shown = view ? shownOf(view) : 'gone';
    if (shown === one.shown) return;
    one.shown = shown;
    for (const listener of [...one.listeners]) listener(view);
  }

  function close(): void {
    for (const end of endListening) end();
    closing.abort();
    void asking.close();
  }

  function askForAll(): Next {
    for (const id of watched.keys()) ask(id);
    return watched.size > 0 ? watchEveryMs : 'end';
  }

  const times = { firstAfterMs: watchEveryMs, retryMs: watchEveryMs, longestRetryMs: watchEveryMs };
  const asking = createLoop({ round: askForAll, ...times, failure: 'could not ask for what is watched' }, context);
  const endListening = [records.changes.add(ask), tasks.changes.add(({ workbenchId }) => ask(workbenchId))];
  /** `closing` aborts when this process is about to end: time to tell the listeners' clients goodbye. */
  return { listen, next, close, closing: closing.signal };
}

/** All that listeners are told the changes of. */
export function shownOf({ workbench, status, stoppedReason, starting, ...more }: WorkbenchView): string {
  const { profile, image, imageDigest, updateAvailable } = more;
  const { name, size } = workbench;
  const coming = [starting?.step, starting?.since, starting?.hint];
  const running = [profile, image, imageDigest, updateAvailable];
  return [status, stoppedReason?.code, name, size.cpu, size.memory, ...running, ...coming].join('\n');
}
