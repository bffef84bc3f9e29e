import type { Redirect } from '../access/login/createSignIn.ts';
import type { ErrorCode } from '../lib/ErrorCode.ts';
import type { Destination } from './destination.ts';

/** What the gateway says in place of the workbench, and access of itself. All texts are raw: whoever prints them escapes them. */
export interface Refusal {
  status: number;
  /** Stable, for programs; none where nothing is refused. */
  code: ErrorCode | 'none';
  title: string;
  message: string;
  /** What the reader can do. */
  hint?: string;
  /** The same where the page has a button for it. */
  hintForPrograms?: string;
  /** Nothing to say: the browser goes on, and takes these along. */
  redirect?: Redirect;
  /** A state of the workbench worth showing by itself. */
  badge?: string;
  /** Something is in progress: the page shows that it is alive. */
  busy?: boolean;
  /** The page asks again by itself. */
  refreshSeconds?: number;
  retryAfterSeconds?: number;
  /** With 405: what this address takes. */
  allow?: string;
  /** Where the reader gets on. */
  link?: { text: string; url: string };
  /** What a button does, at this workbench. */
  form?: {
    action: string;
    button: string;
    fields: Readonly<Record<string, string>>;
    /** The answer leads to other sites: Chromium holds each of them against the page's policy. */
    leadsAway?: boolean;
  };
  /** Asks for a decision or a login: no page frames it, whoever else may be framed. */
  neverFramed?: boolean;
}

const startHint =
  'Start it from your list of workbenches, or with POST /workbenches/{id}/start, then open this address again.';

/** Pages for what is on the way are 503: no tool may take them for the workbench itself. */
export function refusalOf(destination: Exclude<Destination, { kind: 'running' }>): Refusal {
  switch (destination.kind) {
    case 'onTheWay':
      return {
        status: 503,
        code: 'workbench_on_the_way',
        title: `${destination.name} is on its way`,
        message: 'This takes a minute or two. The page opens your workbench by itself as soon as it is there.',
        badge: destination.status,
        busy: true,
        refreshSeconds: 2,
        retryAfterSeconds: 2,
      };
    case 'stopped':
      return {
        status: 409,
        code: 'workbench_stopped',
        title: `${destination.name} is stopped`,
        message: destination.reason
          ? `Your files are safe. It stopped by itself (${destination.reason.code}): ${destination.reason.message}`
          : 'Your files are safe and waiting.',
        hint: startHint,
        badge: 'stopped',
      };
    case 'goingDown':
      return destination.status === 'destroying'
        ? {
            status: 409,
            code: 'workbench_destroying',
            title: `${destination.name} is being destroyed`,
            message: 'It is being removed with all its files.',
            badge: destination.status,
          }
        : {
            status: 409,
            code: 'workbench_going_down',
            title: `${destination.name} is stopping`,
            message: 'Your files stay. It can be started again as soon as it has stopped.',
            badge: destination.status,
            busy: true,
            refreshSeconds: 5,
          };
    case 'notFound':
      return {
        status: 404,
        code: 'not_found',
        title: 'No workbench here',
        message: 'There is no workbench at this address. It may have been destroyed, or the address may be incomplete.',
        hint: 'Open the workbench from your list of workbenches.',
      };
  }
}

/** The task runs, and nothing in it listens yet. */
export const almostThere: Refusal = {
  status: 503,
  code: 'workbench_on_the_way',
  title: 'Almost there',
  message: 'Your workbench runs, and is just about to open its door. The page tries again by itself.',
  badge: 'running',
  busy: true,
  refreshSeconds: 2,
  retryAfterSeconds: 2,
};

/** The stopped page, for who may start it. */
export function startable(refusal: Refusal, form: NonNullable<Refusal['form']>): Refusal {
  if (refusal.code !== 'workbench_stopped') return refusal;
  const { hint = '', ...rest } = refusal;
  return { ...rest, form, hintForPrograms: hint };
}

export function startFailed(status: number, code: ErrorCode, message: string, retryAfterSeconds?: number): Refusal {
  return {
    status,
    code,
    title: 'It did not start',
    message,
    hint: 'Go back, and try again in a moment.',
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

export function methodNotAllowed(...allowed: readonly string[]): Refusal {
  return {
    status: 405,
    code: 'method_not_allowed',
    title: 'Not with this method',
    message: 'This address is opened by a browser.',
    allow: allowed.join(', '),
  };
}

export const formTooLarge: Refusal = {
  status: 413,
  code: 'payload_too_large',
  title: 'Too much',
  message: 'No form of ours is that large.',
};

export const cloudUnavailable: Refusal = {
  status: 503,
  code: 'cloud_unavailable',
  title: 'One moment',
  message: 'The cloud does not say where this workbench is right now. The page tries again by itself.',
  busy: true,
  refreshSeconds: 5,
  retryAfterSeconds: 5,
};

export const shuttingDown: Refusal = {
  ...cloudUnavailable,
  code: 'shutting_down',
  message: 'The gateway is just being restarted. The page tries again by itself.',
};

export const brokenOff: Refusal = {
  status: 502,
  code: 'workbench_broke_off',
  title: 'No answer',
  message: 'The workbench accepted the request and then broke it off, or its answer could not be understood.',
  hint: 'The page tries again by itself. If this goes on, stop the workbench and start it again.',
  // Where a proxy of the container engine publishes the port, it accepts before the workbench does.
  refreshSeconds: 3,
};

export const notWebsocket: Refusal = {
  status: 400,
  code: 'invalid_request',
  title: 'Unknown protocol',
  message: 'A connection can be upgraded to a websocket, with GET, and to nothing else.',
};

export const unknownFraming: Refusal = {
  status: 400,
  code: 'invalid_request',
  title: 'Unclear where the request ends',
  message: 'Send its body with Content-Length, or in chunks with no other coding; the opening of a websocket has none.',
};
