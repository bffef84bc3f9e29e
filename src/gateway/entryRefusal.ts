import type { Redirect } from '../access/login/createSignIn.ts';
import type { Refusal } from './refusal.ts';

/** Nothing is refused yet: a person goes to the login first. */
export function leadTo(redirect: Redirect): Refusal {
  return { status: 303, code: 'none', title: 'Sign in', message: 'The browser is led to the login.', redirect };
}

/** The same for a stranger at any address: it tells nothing of what is there. */
export function signIn(link: Refusal['link']): Refusal {
  return {
    status: 401,
    code: 'unauthenticated',
    title: link?.text === 'Sign in' ? 'Sign in to open it' : 'Open it from your application',
    message: 'A workbench opens for the person it belongs to, and this browser has not said whose it is.',
    hint: 'Open the workbench from your list of workbenches; a program sends "Authorization: Bearer <token>".',
    ...(link ? { link } : {}),
    neverFramed: true,
  };
}

export const foreignPage: Refusal = {
  status: 403,
  code: 'not_allowed',
  title: 'Not from there',
  message: 'A page of another site asked for this in your name, and pages of other sites may not.',
  hint: 'Open the workbench by its own address.',
};

/** Whoever asks in a proxy's place learns nothing. */
export const notForYou: Refusal = {
  status: 403,
  code: 'not_allowed',
  title: 'Not for browsers',
  message: 'This address answers the proxies that WB_TRUSTED_PROXIES names.',
};

export const ticketRefused: Refusal = {
  status: 403,
  code: 'ticket_refused',
  title: 'This link has served its time',
  message: 'A link into a workbench is good for a minute, once, and at that workbench alone.',
  hint: 'Open the workbench from your list of workbenches once more.',
  neverFramed: true,
};

/** Somebody else is signed in here, and a link may come from anybody. */
export function askWho(current: string, user: string, form: NonNullable<Refusal['form']>): Refusal {
  return {
    status: 409,
    code: 'other_user',
    title: `Go on as ${user}?`,
    message: `This browser is signed in to this workbench as ${current}. The link that you followed is for ${user}.`,
    hint: 'If you did not ask to change that, close this page.',
    form,
    neverFramed: true,
  };
}
