import { STATUS_CODES } from 'node:http';
import type { Refusal } from '../gateway/refusal.ts';
import type { ErrorCode } from '../lib/ErrorCode.ts';

type Link = NonNullable<Refusal['link']>;
type Failure = Readonly<{ status: number; code: ErrorCode; message: string; retryAfterSeconds?: number | undefined }>;
type Form = NonNullable<Refusal['form']>;

const askToLogOut: Refusal = {
  status: 200,
  code: 'none',
  title: 'Log out?',
  message: 'It closes your workbenches in every browser that you are signed in with, and ends your login.',
  hint: 'What runs in them goes on, and your files stay.',
  neverFramed: true,
};

export function logOutPage(form: Form): Refusal {
  return { ...askToLogOut, form };
}

/** It goes on by itself; who wants to be sure asks again. */
export function notLoggedOut({ status, code, message }: Failure, form: Form): Refusal {
  const title = 'You are not logged out everywhere yet';
  return { status, code, title, message: `${message}.`, form, neverFramed: true };
}

export function loggedOut(link: Link | undefined): Refusal {
  return {
    status: 200,
    code: 'none',
    title: 'You are logged out',
    message: 'Your workbenches are closed in every browser.',
    ...(link ? { link } : {}),
    neverFramed: true,
  };
}

export function loggedIn(user: string, link: Link | undefined): Refusal {
  return {
    status: 200,
    code: 'none',
    title: `You are logged in as ${user}`,
    message: 'Open your workbenches by their addresses, or from your list of workbenches.',
    ...(link ? { link } : {}),
    neverFramed: true,
  };
}

/** Our part of the logout is done. */
export const providerStays: Refusal = {
  status: 503,
  code: 'provider_unavailable',
  title: 'Logged out, but for the provider',
  message:
    'Your workbenches are closed in every browser. The identity provider does not answer, so your login there goes on.',
  hint: 'Log out there as soon as it answers, or close the browser.',
  retryAfterSeconds: 30,
  neverFramed: true,
};

export const badWay: Refusal = {
  status: 400,
  code: 'bad_request',
  title: 'This link is not complete',
  message: 'A browser comes here from its workbench, and this address is none that a workbench makes.',
  hint: 'Open the workbench by its own address.',
  neverFramed: true,
};

/** @param again the page may ask again by itself */
export function failed({ status, code, message, retryAfterSeconds }: Failure, again: boolean): Refusal {
  const passes = status === 503;
  return {
    status,
    code,
    title: titles[code] ?? (passes ? 'One moment' : (STATUS_CODES[status] ?? 'That did not work')),
    message: `${message}.`,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(passes && again ? { refreshSeconds: retryAfterSeconds ?? 5, hint: 'The page tries again by itself.' } : {}),
    ...(passes ? {} : { hint: 'Open the workbench by its own address to begin again.' }),
    neverFramed: true,
  };
}

const titles: Readonly<Record<string, string>> = {
  provider_unavailable: 'The login does not answer',
  provider_refused: 'The login is not set up yet',
  login_expired: 'That took too long',
  login_refused: 'You are not logged in',
};
