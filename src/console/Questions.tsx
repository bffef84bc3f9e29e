import { useRef, useState } from 'preact/hooks';
import type { Item } from '../client/createClient.ts';
import type { Question } from './Actions.tsx';
import { useApp } from './App.ts';
import { Change } from './Change.tsx';
import { CopyButton } from './CopyButton.tsx';
import { type Curl, curlOf } from './curl.ts';
import { Dialog } from './Dialog.tsx';
import { Logs } from './Logs.tsx';
import type { After } from './useLive.ts';

type Properties = Readonly<{ item: Item; after: After; close: () => void }>;

/** What is asked about one workbench, each in a dialog. */
export function Questions({ question, ...properties }: Properties & Readonly<{ question: Question }>) {
  switch (question) {
    case 'destroy':
      return <Destroy {...properties} />;
    case 'change':
      return <Change {...properties} />;
    case 'logs':
      return <Logs {...properties} />;
    case 'curl':
      return <Curls {...properties} />;
  }
}

function Destroy({ item, after, close }: Properties) {
  const { clientOf } = useApp();
  const [typed, setTyped] = useState('');
  const { workbench_id: id, workbench_name: name, user_id: userId } = item;
  const same = [name.trim(), id].includes(typed.trim());
  const destroyed = useRef(false);

  async function run(): Promise<void> {
    await after(id, clientOf(userId).destroy(id));
    destroyed.current = true;
  }

  function leave(): void {
    close();
    // The button that the focus would go back to goes away.
    if (destroyed.current) document.querySelector<HTMLElement>('h1')?.focus();
  }

  return (
    <Dialog
      title={
        <>
          Destroy <bdi>{name}</bdi>?
        </>
      }
      close={leave}
      action={{ text: 'Destroy', danger: true, ready: same, run }}
    >
      <p>The workbench and all its files are deleted. Nothing brings them back.</p>
      <label>
        To destroy it, type its name or its id <code>{id}</code>
        <input
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
    </Dialog>
  );
}

function Curls({ item, close }: Properties) {
  const { root, needsToken } = useApp();
  const query = { user_id: item.user_id };
  const path = `/workbenches/${item.workbench_id}`;
  const all: readonly (readonly [text: string, curl: Curl])[] = [
    ['See', { path, query }],
    ['Follow', { path: `${path}/events`, query }],
    ['Open', { method: 'POST', path: `${path}/open`, query }],
    ['Start', { method: 'POST', path: `${path}/start`, query }],
    ['Stop', { method: 'POST', path: `${path}/stop`, query }],
    ['Logs', { path: `${path}/logs`, query: { ...query, lines: '200' } }],
    ['Rename', { method: 'PATCH', path, query, body: { workbench_name: item.workbench_name } }],
    ['Destroy', { method: 'DELETE', path, query }],
  ];
  return (
    <Dialog title="What the buttons do, as curl" close={close} wide>
      <ul class="curls">
        {all.map(([text, curl]) => (
          <li key={text}>
            <h3 id={`curl-${text}`}>{text}</h3>
            <code>{curlOf(root, needsToken, curl)}</code>
            <CopyButton text={() => curlOf(root, needsToken, curl)} of={`curl-${text}`} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
