import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { Decide, Decision } from '../access/entry/createDecide.ts';
import { type Visit, visitOf } from '../access/entry/visitOf.ts';
import { type BaseUrl, basePathOf } from '../access/hosts/baseUrl.ts';
import type { Identity } from '../access/Identity.ts';
import type { SignIn } from '../access/login/createSignIn.ts';
import * as entryRefusals from './entryRefusal.ts';
import type { WorkbenchTarget } from './readTarget.ts';
import * as refusals from './refusal.ts';

export type Entered = Extract<Decision, { kind: 'entered' }>;
/** What a visit has come to: a way in, or what to say instead. */
type Admitted = Entered | refusals.Refusal;

export type Admission = Readonly<{
  visitOf(request: Pick<IncomingMessage, 'method' | 'headers'>, target: WorkbenchTarget, upgrade: boolean): Visit;
  /** At once where memory has all it takes. Never rejects. */
  admit(visit: Visit): Admitted | Promise<Admitted>;
  /** Another look at one who is in: whether they may stay. Unknown is not no. */
  mayStay(visit: Visit): Promise<boolean>;
}>;

type Options = Readonly<{
  decide: Decide;
  base: () => BaseUrl;
  /** Undefined: no provider logs browsers in. */
  signIn: Pick<SignIn, 'setOut'> | undefined;
  /** Where to send people who come without a session, if it isn't to a provider. */
  loginUrl: string | undefined;
  logger: Pick<Logger, 'debug' | 'info' | 'warn'>;
}>;

const MOST_REMEMBERED = 10_000;

/** Asks the one decision, says it in the gateway's words, and writes down who entered and who did not. */
export function createAdmission({ decide, base, signIn, loginUrl, logger }: Options): Admission {
  const noted = new WeakMap<Identity, Set<string>>();

  /** Once for each session and workbench: a page loads hundreds of assets. */
  function noteEntered({ identity, userId, rule }: Entered, workbenchId: string): void {
    if (rule === 'authentication-off') return;
    const known = noted.get(identity) ?? new Set();
    if (known.has(workbenchId)) return;
    if (known.size >= MOST_REMEMBERED) known.clear();
    noted.set(identity, known.add(workbenchId));
    logger.info({ user: userId, workbench_id: workbenchId, rule, by: identity.kind }, 'entered');
  }

  function noteRefused({ kind, rule, userId }: Exclude<Decision, Entered>, { workbenchId, from }: Visit): void {
    const { origin, authority, upgrade } = from;
    logger.info({ user: userId, workbench_id: workbenchId, kind, rule }, 'refused');
    if (upgrade)
      logger.debug({ workbench_id: workbenchId, rule, origin, host: authority?.name }, 'a socket is refused');
  }

  function say(decision: Decision, visit: Visit): Admitted {
    if (decision.kind === 'entered') {
      noteEntered(decision, visit.workbenchId);
      return decision;
    }
    noteRefused(decision, visit);
    switch (decision.kind) {
      case 'signIn':
        // In a frame, a login would be shown where nobody sees whose it is.
        if (signIn && (visit.from.destination ?? 'document') === 'document') {
          return entryRefusals.leadTo(signIn.setOut(visit));
        }
        return entryRefusals.signIn(linkFor(visit));
      case 'unauthenticated':
        return entryRefusals.signIn(linkFor(visit));
      case 'forbidden':
        return entryRefusals.foreignPage;
      case 'notFound':
        return refusals.refusalOf({ kind: 'notFound' });
    }
  }

  function linkFor({ workbenchId }: Visit): refusals.Refusal['link'] {
    if (signIn) return { text: 'Sign in', url: `${basePathOf(base(), workbenchId)}/.workbench/login` };
    return loginUrl === undefined ? undefined : { text: 'Go to the application', url: loginUrl };
  }

  function unknown(visit: Visit, error: unknown): Admitted {
    logger.warn({ workbench_id: visit.workbenchId, err: error }, 'Who may enter a workbench is not to be known now');
    return refusals.cloudUnavailable;
  }

  return {
    visitOf: (request, { workbenchId, authority, rest }, upgrade) =>
      visitOf(request, { workbenchId, authority, upgrade, path: rest }),
    admit(visit) {
      const decision = decide(visit);
      if (!(decision instanceof Promise)) return say(decision, visit);
      return decision.then(
        (one) => say(one, visit),
        (error: unknown) => unknown(visit, error),
      );
    },
    async mayStay(visit) {
      try {
        const decision = await decide(visit);
        if (decision.kind === 'entered') return true;
        logger.info({ user: decision.userId, workbench_id: visit.workbenchId, rule: decision.rule }, 'sent out');
        return false;
      } catch (error) {
        logger.debug({ workbench_id: visit.workbenchId, err: error }, 'A socket stays: nobody says who may');
        return true;
      }
    },
  };
}
