import { useState } from 'preact/hooks';
import type { Item } from '../client/createClient.ts';
import { useApp } from './App.ts';
import { kindOf } from './format.ts';
import type { After } from './useLive.ts';

export type Question = 'destroy' | 'change' | 'logs' | 'curl';

type Properties = Readonly<{ item: Item; after: After; ask: (question: Question) => void }>;

/** What can be done with a workbench as it is; what would be refused is not offered. */
export function Actions({ item, after, ask }: Properties) {
  const app = useApp();
  const [busy, setBusy] = useState<string>();
  const { workbench_id: id, workbench_name: name, user_id: userId } = item;
  const kind = kindOf(item);
  const client = app.clientOf(userId);

  async function act(what: string, run: () => Promise<unknown>): Promise<void> {
    if (busy) return;
    setBusy(what);
    try {
      await run();
    } catch (error) {
      app.say({ text: `${what} ${name}: refused.`, error });
    } finally {
      setBusy(undefined);
    }
  }

  async function open(): Promise<void> {
    const { url } = await client.open(id);
    // Its pages may be of this page's origin: they get no hand on it.
    window.open(url, '_blank', 'noopener');
    app.say({ text: `${name} opens in a new tab. If none came:`, link: { text: 'open it from here', url } });
  }

  async function restart(): Promise<void> {
    await after(id, client.stop(id));
    await client.until(id, ({ status }) => status === 'stopped');
    await after(id, client.start(id));
  }

  const doing = (what: string, run: () => Promise<unknown>, primary = false) => (
    <button
      type="button"
      class={primary ? 'tool primary' : 'tool'}
      aria-busy={busy === what}
      aria-disabled={busy !== undefined}
      onClick={() => act(what, run)}
    >
      {what}
    </button>
  );
  const asking = (text: string, question: Question, style = '') => (
    <button type="button" class={`tool ${style}`} aria-haspopup="dialog" onClick={() => ask(question)}>
      {text}
    </button>
  );

  if (kind === 'destroying') return null;
  return (
    <div class="actions">
      {(kind === 'stopped' || kind === 'failed') && doing('Start', () => after(id, client.start(id)), true)}
      {(kind === 'running' || kind === 'up') && (
        <>
          {doing('Open', open, true)}
          {doing('Stop', () => after(id, client.stop(id)))}
        </>
      )}
      {item.update_available && kind === 'running' && doing('Restart to update', restart)}
      {asking('Logs', 'logs')}
      {asking('Change', 'change')}
      {asking('Destroy', 'destroy', 'quiet danger')}
      {asking('curl', 'curl', 'quiet')}
    </div>
  );
}
