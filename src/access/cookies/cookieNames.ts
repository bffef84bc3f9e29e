import type { BaseUrl } from '../hosts/baseUrl.ts';

export type CookieNames = Readonly<{
  /** Lets its holder into this workbench. */
  session(workbenchId: string): string;
  /** Remembers, at this workbench, which browser set out to sign in. */
  nonce(workbenchId: string): string;
}>;

/** A `__Host-` cookie belongs to one host and no page of another can set it; path mode has but one host. */
export function cookieNames({ mode }: BaseUrl): CookieNames {
  return mode === 'subdomain'
    ? { session: () => '__Host-wb', nonce: () => '__Host-wb-nonce' }
    : { session: (workbenchId) => `wb_${workbenchId}`, nonce: (workbenchId) => `wb_${workbenchId}_nonce` };
}

/** The controller's own host. `id` tells the attempts of several tabs apart. */
export const controllerCookies = {
  console: (secure: boolean) => (secure ? '__Host-wb-console' : 'wb-console'),
  /** Who logged in here last, to be logged out: it opens nothing. */
  user: (secure: boolean) => (secure ? '__Host-wb-user' : 'wb-user'),
  login: (secure: boolean, id: string) => `${secure ? '__Host-' : ''}wb-login-${id}`,
};

/** Whatever is or was ours, in either mode: none of a task's business, nor its to set. */
export function isOurCookie(name: string): boolean {
  return /^(?:__Host-wb(?:-[\w-]+)?|wb_[0-9a-f]{8,40}(?:_nonce)?|wb-(?:console|user|login-[\w-]+))$/.test(name);
}
