import type { LimitsItem } from '../client/createClient.ts';

/** What a user has of what they may have; what is reached says what to do. */
export function Limits({ limits }: Readonly<{ limits: LimitsItem | undefined }>) {
  return (
    <p class="limits">
      {limits && (
        <>
          <Counted of="workbenches" {...limits.workbenches} then="destroy one to create another" />
          {' · '}
          <Counted of="running" {...limits.running} then="stop one to start another" />
        </>
      )}
    </p>
  );
}

function Counted({
  of,
  max,
  used,
  then,
}: Readonly<{ of: string; max?: number | undefined; used: number; then: string }>) {
  if (max === undefined) return <span>{`${used} ${used === 1 ? of.replace(/es$/, '') : of}`}</span>;
  const reached = used >= max;
  return (
    <span class={reached ? 'reached' : undefined}>
      {`${used} of ${max} ${of}`}
      {reached && `: ${then}`}
    </span>
  );
}
