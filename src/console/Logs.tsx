import { useEffect, useState } from 'preact/hooks';
import type { Item } from '../client/createClient.ts';
import { useApp } from './App.ts';
import { Dialog } from './Dialog.tsx';
import { Problem } from './Problem.tsx';

const LINES = [200, 1_000, 10_000];

type Read = Readonly<{ text?: string; problem?: unknown }>;

export function Logs({ item, close }: Readonly<{ item: Item; close: () => void }>) {
  const { promptClientOf } = useApp();
  const [lines, setLines] = useState(LINES[0]);
  const [asked, setAsked] = useState(0);
  const [{ text, problem }, setRead] = useState<Read>({});
  const { workbench_id: id, user_id: userId } = item;

  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    promptClientOf(userId)
      .logs(id, { ...(lines ? { lines } : {}), signal })
      .then(
        (read) => setRead({ text: read }),
        (error: unknown) => signal.aborted || setRead({ problem: error }),
      );
    return () => leaving.abort();
  }, [promptClientOf, id, userId, lines, asked]);

  const toEnd = (pane: HTMLElement | null) => pane?.scrollTo(0, pane.scrollHeight);
  return (
    <Dialog
      wide
      title={
        <>
          Logs of <bdi>{item.workbench_name}</bdi>
        </>
      }
      close={close}
      aside={
        <>
          <label class="beside">
            Lines
            <select value={lines} onChange={(event) => setLines(Number(event.currentTarget.value))}>
              {LINES.map((count) => (
                <option key={count} value={count}>
                  {count}
                </option>
              ))}
            </select>
          </label>
          <button type="button" class="tool" onClick={() => setAsked(asked + 1)}>
            Refresh
          </button>
        </>
      }
    >
      {problem !== undefined && <Problem error={problem} />}
      {problem === undefined && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
        <section key={text} ref={toEnd} tabIndex={0} class="log" aria-label="The last lines of its last run">
          {text ?? 'Loading…'}
          {text === '' && 'It has written nothing.'}
        </section>
      )}
    </Dialog>
  );
}
