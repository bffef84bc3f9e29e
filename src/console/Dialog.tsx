import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Problem } from './Problem.tsx';

type Properties = Readonly<{
  title: ComponentChildren;
  close: () => void;
  /** Undefined: there is nothing to do here but read. */
  action?: Readonly<{ text: string; danger?: boolean; ready?: boolean; run: () => Promise<unknown> }>;
  /** Beside the buttons. */
  aside?: ComponentChildren;
  wide?: boolean;
  children?: ComponentChildren;
}>;

/** A question with one answer that does something. Refused, it stays, and says why. */
export function Dialog({ title, close, action, aside, wide, children }: Properties) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();

  useEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => current?.close();
  }, []);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (!action || busy || action.ready === false) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await action.run();
      dialog.current?.close();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <dialog ref={dialog} aria-labelledby={titleId} class={wide ? 'wide' : undefined} onClose={close}>
      <form class="stack" onSubmit={submit}>
        <h2 id={titleId}>{title}</h2>
        {children}
        <div role="alert">{problem !== undefined && <Problem error={problem} />}</div>
        <div class="choices">
          {aside}
          <button type="button" class="tool" onClick={() => dialog.current?.close()}>
            {action ? 'Cancel' : 'Close'}
          </button>
          {action && (
            <button
              type="submit"
              class={`tool primary${action.danger ? ' danger' : ''}`}
              aria-busy={busy}
              aria-disabled={busy || action.ready === false}
            >
              {action.text}
            </button>
          )}
        </div>
      </form>
    </dialog>
  );
}
