import type { Clock } from '../../lib/clock.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { noSuchWorkbench } from '../model/errors.ts';
import type { WorkbenchView } from '../model/WorkbenchView.ts';
import type { TaskSightings } from './TaskSightings.ts';
import type { WorkbenchIndex } from './WorkbenchIndex.ts';
import type { WorkbenchReader } from './WorkbenchReader.ts';

/** Changes are told as they are seen; this often, what is watched is asked for, so that it is looked at. */
const ASK_EVERY_MS = 1_000;

/** `undefined`: the workbench is gone. */
export type Listener = (view: WorkbenchView | undefined) => void;

type Watched = { readonly userId: string; readonly listeners: Set<Listener>; shown: string };

/** Tells of changes of status, once each, however many listen. */
export class StatusWatch {
  readonly #reader: WorkbenchReader;
  readonly #clock: Clock;
  readonly #watched = new Map<string, Watched>();
  readonly #closing = new AbortController();
  readonly #endListening: readonly (() => void)[];
  #asking: Promise<void> | undefined;

  constructor(
    dependencies: Readonly<{ reader: WorkbenchReader; index: WorkbenchIndex; sightings: TaskSightings; clock: Clock }>,
  ) {
    const { reader, index, sightings, clock } = dependencies;
    this.#reader = reader;
    this.#clock = clock;
    this.#endListening = [
      index.onChange((id) => this.#ask(id)),
      sightings.onChange(({ workbenchId }) => {
        if (workbenchId) this.#ask(workbenchId);
      }),
    ];
  }

  /** Aborts when this process is about to end: time to tell the listeners' clients goodbye. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** @param view the last view that the listener knows. @returns ends that */
  listen(view: WorkbenchView, listener: Listener): () => void {
    const { id, userId } = view.workbench;
    let watched = this.#watched.get(id);
    if (!watched) {
      watched = { userId, listeners: new Set(), shown: shownOf(view) };
      this.#watched.set(id, watched);
    }
    const { listeners } = watched;
    listeners.add(listener);
    this.#asking ??= this.#askRegularly();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#watched.delete(id);
    };
  }

  /**
   * The next view that differs, or undefined when the time is up, the signal aborts or this process is about to end.
   * @throws NotFoundError when the workbench goes
   */
  async next(view: WorkbenchView, milliseconds: number, signal: AbortSignal): Promise<WorkbenchView | undefined> {
    const timer = new AbortController();
    const stop = () => timer.abort();
    signal.addEventListener('abort', stop);
    this.#closing.signal.addEventListener('abort', stop);
    let changed: WorkbenchView | 'gone' | undefined;
    const stopListening = this.listen(view, (next) => {
      changed = next ?? 'gone';
      timer.abort();
    });
    if (signal.aborted || this.#closing.signal.aborted) timer.abort();
    await this.#clock.sleep(milliseconds, timer.signal).catch(() => undefined);
    stopListening();
    signal.removeEventListener('abort', stop);
    this.#closing.signal.removeEventListener('abort', stop);
    if (changed === 'gone') throw noSuchWorkbench();
    return changed;
  }

  close(): void {
    for (const end of this.#endListening) end();
    this.#closing.abort();
  }

  async #askRegularly(): Promise<void> {
    while (this.#watched.size > 0 && !this.#closing.signal.aborted) {
      await this.#clock.sleep(ASK_EVERY_MS, this.#closing.signal).catch(() => undefined);
      for (const id of this.#watched.keys()) this.#ask(id);
    }
    this.#asking = undefined;
  }

  #ask(id: string): void {
    const watched = this.#watched.get(id);
    if (!watched) return;
    const known = this.#reader.peek(watched.userId, id);
    if (known) this.#tell(watched, known);
    else void this.#askCloud(id, watched);
  }

  async #askCloud(id: string, watched: Watched): Promise<void> {
    try {
      this.#tell(watched, await this.#reader.get(watched.userId, id));
    } catch (error) {
      if (error instanceof NotFoundError) this.#tell(watched, undefined);
      // Anything else is AWS not answering: unknown is no status, so there is nothing to tell.
    }
  }

  #tell(watched: Watched, view: WorkbenchView | undefined): void {
    const shown = view ? shownOf(view) : 'gone';
    if (shown === watched.shown) return;
    watched.shown = shown;
    for (const listener of [...watched.listeners]) listener(view);
  }
}

function shownOf({ status, stoppedReason }: WorkbenchView): string {
  return `${status} ${stoppedReason?.code ?? ''}`;
}
