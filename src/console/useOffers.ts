import { useEffect, useState } from 'preact/hooks';
import type { LimitsItem, ProfileItem } from '../client/createClient.ts';
import { useApp } from './App.ts';

/** What a user may have; undefined until it is known. @param counted asked again when this changes */
export function useLimits(userId: string | undefined, counted: string): LimitsItem | undefined {
  const { promptClientOf } = useApp();
  const [limits, setLimits] = useState<LimitsItem>();
  useEffect(() => {
    const leaving = new AbortController();
    promptClientOf(userId)
      .limits({ signal: leaving.signal })
      .then(setLimits, () => undefined);
    return () => leaving.abort();
  }, [promptClientOf, userId, counted]);
  return limits;
}

/** What may be created; nothing until it is known, or where it can't be. */
export function useProfiles(): readonly ProfileItem[] {
  const { promptClientOf } = useApp();
  const [profiles, setProfiles] = useState<readonly ProfileItem[]>([]);
  useEffect(() => {
    const leaving = new AbortController();
    promptClientOf(undefined)
      .profiles({ signal: leaving.signal })
      .then(setProfiles, () => undefined);
    return () => leaving.abort();
  }, [promptClientOf]);
  return profiles;
}
