import type { Destination } from './destination.ts';

/** What the gateway says in place of the workbench. All texts are raw: whoever prints them escapes them. */
export interface Refusal {
  status: number;
  /** Stable, for programs. */
  code: string;
  title: string;
  message: string;
  /** What the reader can do. */
  hint?: string;
  /** A state of the workbench worth showing by itself. */
  badge?: string;
  /** Something is in progress: the page shows that it is alive. */
  busy?: boolean;
  /** The page asks again by itself. */
  refreshSeconds?: number;
  retryAfterSeconds?: number;
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

export const notAllowed: Refusal = {
  status: 403,
  code: 'not_allowed',
  title: 'Not from here',
  message:
    'This controller asks for authentication, and until it knows who may open which workbench it opens them only from its own machine.',
  hint: 'Open the address on the machine that runs the controller, for instance through an SSH tunnel. Access per user is coming.',
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
