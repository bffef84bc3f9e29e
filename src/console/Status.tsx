import type { Item } from '../client/createClient.ts';
import { kindOf, spanText, statusText, steps } from './format.ts';
import { useNow } from './useNow.ts';

/** What a workbench does, in words; on its way up with the step, how long and what is usual; stopped with why. */
export function Status({ item }: Readonly<{ item: Item }>) {
  const { status, starting, stopped_reason: reason } = item;
  return (
    <>
      <span class={`status ${kindOf(item)}`}>{statusText(status)}</span>
      {starting && <Starting {...starting} />}
      {reason && (
        <p class="why">
          <code>{reason.code}</code> {reason.message}
        </p>
      )}
      {status === 'destroying' && <p class="why">Its files are being deleted.</p>}
    </>
  );
}

function Starting({ step, since, hint }: NonNullable<Item['starting']>) {
  const now = useNow(1_000);
  const [doing, usual] = steps[step] ?? [step, undefined];
  return (
    <p class="why">
      {doing}, <time dateTime={since}>{spanText(now - Date.parse(since))}</time>
      {usual && ` (usual: ${usual})`}
      {hint && <strong> {hint}</strong>}
    </p>
  );
}
