import { useRef, useState } from 'preact/hooks';
import { ApiError, type Creation, type LimitsItem } from '../client/createClient.ts';
import { newKey } from '../client/newKey.ts';
import { useApp } from './App.ts';
import { CopyButton } from './CopyButton.tsx';
import { curlOf } from './curl.ts';
import { Limits } from './Limits.tsx';
import { ProfileField } from './ProfileField.tsx';
import { type Size, SizeFields } from './SizeFields.tsx';
import type { After } from './useLive.ts';
import { useProfiles } from './useOffers.ts';

type Properties = Readonly<{ userId: string | undefined; limits: LimitsItem | undefined; after: After }>;

/** All of it may be left as it is. */
export function CreateForm({ userId, limits, after }: Properties) {
  const { clientOf, needsToken, root, say } = useApp();
  const profiles = useProfiles();
  const [name, setName] = useState('');
  const [profile, setProfile] = useState<string>();
  const [size, setSize] = useState<Size>();
  const [busy, setBusy] = useState(false);
  /** Of a create without an answer: the same wish, sent again, is the same workbench. */
  const unanswered = useRef<Readonly<{ wish: string; key: string }> | undefined>(undefined);

  const wish: Creation = {
    ...(name.trim() === '' ? {} : { workbench_name: name.trim() }),
    ...(profile === undefined ? {} : { profile }),
    ...(size ? { requested_cpu: size.cpu, requested_memory: size.memory } : {}),
  };

  async function create(event: Event): Promise<void> {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const text = JSON.stringify({ userId, wish });
    const key = unanswered.current?.wish === text ? unanswered.current.key : newKey();
    unanswered.current = { wish: text, key };
    try {
      const item = await after(undefined, clientOf(userId).create(wish, { key }));
      unanswered.current = undefined;
      setName('');
      say({ text: `${item.workbench_name} is made, and on its way.` });
    } catch (error) {
      if (error instanceof ApiError && error.status < 500) unanswered.current = undefined;
      say({ text: 'No workbench was created.', error });
    } finally {
      setBusy(false);
    }
  }

  const curl = () =>
    curlOf(root, needsToken, { method: 'POST', path: '/workbenches', query: { user_id: userId }, body: wish });
  return (
    <form class="create" aria-label="New workbench" onSubmit={create}>
      <div class="fields">
        <label>
          Name
          <input
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
            placeholder="may be left out"
            autocomplete="off"
            spellcheck={false}
          />
        </label>
        <ProfileField profiles={profiles} chosen={profile} choose={setProfile} />
        <SizeFields size={size} change={setSize} limits={limits} usual="the usual" />
        <div class="act">
          <button type="submit" class="tool primary" aria-busy={busy} aria-disabled={busy}>
            Create workbench
          </button>
          <CopyButton text={curl} />
        </div>
      </div>
      <Limits limits={limits} />
    </form>
  );
}
