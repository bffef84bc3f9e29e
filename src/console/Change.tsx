import { useState } from 'preact/hooks';
import type { Creation, Item } from '../client/createClient.ts';
import { useApp } from './App.ts';
import { Dialog } from './Dialog.tsx';
import { kindOf, sizeText } from './format.ts';
import { ProfileField } from './ProfileField.tsx';
import { type Size, SizeFields } from './SizeFields.tsx';
import type { After } from './useLive.ts';
import { useLimits, useProfiles } from './useOffers.ts';

/** Another name, at once; another size or profile, at the next start. */
export function Change({ item, after, close }: Readonly<{ item: Item; after: After; close: () => void }>) {
  const { clientOf } = useApp();
  const { workbench_id: id, user_id: userId, requested_cpu, requested_memory } = item;
  const [name, setName] = useState(item.workbench_name);
  const [profile, setProfile] = useState(item.profile);
  const [size, setSize] = useState<Size>();
  const profiles = useProfiles();
  const limits = useLimits(userId, '');

  async function run(): Promise<void> {
    const wish: Creation = {
      ...(name === item.workbench_name ? {} : { workbench_name: name }),
      ...(profile === item.profile ? {} : { profile }),
      ...(size ? { requested_cpu: size.cpu, requested_memory: size.memory } : {}),
    };
    await after(id, clientOf(userId).change(id, wish));
  }

  return (
    <Dialog
      title={
        <>
          Change <bdi>{item.workbench_name}</bdi>
        </>
      }
      close={close}
      action={{ text: 'Save', run }}
    >
      <div class="fields">
        <label>
          Name
          <input value={name} onInput={(event) => setName(event.currentTarget.value)} autocomplete="off" />
        </label>
        <ProfileField profiles={profiles} chosen={profile} choose={setProfile} />
        <SizeFields size={size} change={setSize} limits={limits} usual="as it is" />
      </div>
      <p class="fine">
        It has {sizeText(requested_cpu, requested_memory)}.
        {kindOf(item) !== 'stopped' && ' Another size or profile reaches it at its next start.'}
      </p>
    </Dialog>
  );
}
