import type { Context } from '../../lib/Context.ts';
import { noLogs } from '../model/errors.ts';
import { lastTask, type Workbench } from '../model/Workbench.ts';
import type { Logs } from '../ports.ts';

type Kept = { readonly lines: number; readonly answer: Promise<readonly string[] | undefined>; answeredAt: number };

export type LogReader = ReturnType<typeof createLogReader>;

/** The logs as readers see them: who asks again within two seconds, or meanwhile, shares what was read. */
export function createLogReader(logs: Pick<Logs, 'tail'>, { clock, timings }: Pick<Context, 'clock' | 'timings'>) {
  const kept = new Map<string, Kept>();

  /** The last lines of the last run. @throws NotFoundError, UnavailableError, UpstreamError */
  return async (workbench: Workbench, lines: number): Promise<readonly string[]> => {
    forgetOld();
    const key = `${workbench.id} ${lastTask(workbench)?.taskId ?? ''}`;
    const known = kept.get(key);
    const shared = known && (await known.answer);
    // One that came to the log's beginning has all there is.
    const enough = known && (known.lines >= lines || (shared?.length ?? 0) < known.lines);
    const told = enough ? shared : await ask(key, workbench, lines);
    if (!told) throw noLogs();
    return told.slice(-lines);
  };

  async function ask(key: string, workbench: Workbench, lines: number): Promise<readonly string[] | undefined> {
    const asked: Kept = { lines, answer: logs.tail(workbench, lines), answeredAt: Number.POSITIVE_INFINITY };
    kept.set(key, asked);
    try {
      return await asked.answer;
    } catch (error) {
      if (kept.get(key) === asked) kept.delete(key);
      throw error;
    } finally {
      asked.answeredAt = clock.monotonic();
    }
  }

  function forgetOld(): void {
    const oldest = clock.monotonic() - timings.logFreshMs;
    for (const [key, { answeredAt }] of kept) if (answeredAt < oldest) kept.delete(key);
  }
}
