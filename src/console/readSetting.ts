import { apiErrorOf } from '../client/ApiError.ts';

/** What the console knows before anybody has signed in. */
export type Setting = Readonly<{ authentication: 'off' | 'token'; default_user?: string }>;

/** Root of the API: the console lies right below it, whatever comes before. */
export const root = new URL('..', location.href).href.replace(/\/$/, '');

export async function readSetting(): Promise<Setting> {
  const answer = await fetch('config.json');
  if (!answer.ok) throw await apiErrorOf(answer);
  return ((await answer.json()) as { item: Setting }).item;
}
