import { useState } from 'preact/hooks';
import type { Item } from '../client/createClient.ts';
import { useApp } from './App.ts';
import { CopyButton } from './CopyButton.tsx';
import { curlOf } from './curl.ts';
import { Dialog } from './Dialog.tsx';
import { statusText } from './format.ts';
import type { After } from './useLive.ts';

/** ECS is asked for each: few at a time. */
const AT_ONCE = 4;

type Properties = Readonly<{
  items: readonly Item[];
  /** Chosen too, but there is nothing to stop. */
  others: readonly Item[];
  after: After;
  close: () => void;
}>;

/** Says what it will do, does it, and says what was refused. */
export function BatchStop({ items: asked, others, after, close }: Properties) {
  const { clientOf, needsToken, root, say } = useApp();
  const [items] = useState(asked);
  const [done, setDone] = useState(0);

  async function run(): Promise<void> {
    const queue = [...items];
    let refused = 0;
    const work = async () => {
      for (let item = queue.shift(); item; item = queue.shift()) {
        const { workbench_id: id, workbench_name: name, user_id: userId } = item;
        await after(id, clientOf(userId).stop(id)).catch((error: unknown) => {
          refused += 1;
          say({ text: `Stop ${name} of ${userId}: refused.`, error });
        });
        setDone((count) => count + 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    say({ text: `${items.length - refused} of ${items.length} are being stopped.` });
  }

  const curls = () =>
    items
      .map(({ workbench_id, user_id }) =>
        curlOf(root, needsToken, { method: 'POST', path: `/workbenches/${workbench_id}/stop`, query: { user_id } }),
      )
      .join('\n');
  return (
    <Dialog
      wide
      title={`Stop ${items.length} ${items.length === 1 ? 'workbench' : 'workbenches'}?`}
      close={close}
      action={{ text: 'Stop them', ready: items.length > 0, run }}
      aside={<CopyButton text={curls} />}
    >
      <p>What runs in them ends; their files are kept, and their users can start them again.</p>
      <ul class="list">
        {items.map(({ workbench_id, workbench_name, user_id, status }) => (
          <li key={workbench_id}>
            <bdi>{workbench_name}</bdi> of <bdi>{user_id}</bdi> <span class="fine">{statusText(status)}</span>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <p class="fine">{others.length} more are chosen; they are stopped already, or on their way down.</p>
      )}
      {done > 0 && (
        <p>
          {done} of {items.length} asked
        </p>
      )}
    </Dialog>
  );
}
