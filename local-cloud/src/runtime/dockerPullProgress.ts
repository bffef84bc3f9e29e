/** One line of a pull's answer. Podman says everything in `stream`, `error` or a bare status. */
export type PullEvent = Readonly<{
  status?: string;
  id?: string;
  error?: string;
  progressDetail?: Readonly<{ current?: number; total?: number }>;
}>;

type Layer = Readonly<{ current: number; total: number; done: boolean }>;

const doneStatuses: ReadonlySet<string> = new Set(['Already exists', 'Download complete', 'Pull complete']);
const layerStatuses: ReadonlySet<string> = new Set([
  'Pulling fs layer',
  'Waiting',
  'Downloading',
  'Verifying Checksum',
]);

/** Adds up what a pull reports layer by layer. */
export class PullProgress {
  readonly #layers = new Map<string, Layer>();

  add({ status = '', id, progressDetail }: PullEvent): void {
    if (id === undefined) return;
    const known = this.#layers.get(id);
    // The reference itself comes with an id too: `Pulling from library/busybox`.
    if (known === undefined && !layerStatuses.has(status) && !doneStatuses.has(status)) return;
    const downloading = status === 'Downloading' ? progressDetail : undefined;
    const total = downloading?.total ?? known?.total ?? 0;
    const done = known?.done === true || doneStatuses.has(status);
    this.#layers.set(id, { total, current: done ? total : (downloading?.current ?? known?.current ?? 0), done });
  }

  summary(): Readonly<{ layers: string; megabytes: string | undefined }> {
    const layers = [...this.#layers.values()];
    const sum = (part: 'current' | 'total'): string =>
      (layers.reduce((bytes, layer) => bytes + layer[part], 0) / 1e6).toFixed(1);
    return {
      layers: `${layers.filter(({ done }) => done).length}/${layers.length}`,
      megabytes: layers.some(({ total }) => total > 0) ? `${sum('current')}/${sum('total')}` : undefined,
    };
  }
}
