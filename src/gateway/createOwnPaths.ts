import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Entries } from '../access/entry/createEntries.ts';
import { nextPath } from '../access/entry/nextPath.ts';
import { type BaseUrl, basePathOf } from '../access/hosts/baseUrl.ts';
import { judgeOrigin, type OriginRules } from '../access/hosts/judgeOrigin.ts';
import type { SignIn } from '../access/login/createSignIn.ts';
import { ConflictError, ExpectedError, UnavailableError } from '../lib/errors.ts';
import type { Admission } from './createAdmission.ts';
import * as entryRefusals from './entryRefusal.ts';
import { readForm } from './readForm.ts';
import type { WorkbenchTarget } from './readTarget.ts';
import * as refusals from './refusal.ts';

export type OwnPathsOptions = Readonly<{
  base: () => BaseUrl;
  /** Undefined with authentication off: nothing has to be shown. */
  entries: Entries | undefined;
  origins: OriginRules;
  /** Undefined: no provider logs browsers in. */
  signIn: Pick<SignIn, 'setOut'> | undefined;
  /** For the button of the stopped page. */
  start: (userId: string, workbenchId: string) => Promise<unknown>;
  admission: Admission;
  logger: Pick<Logger, 'info' | 'warn'>;
}>;

type Call = Readonly<{ request: IncomingMessage; response: ServerResponse; target: WorkbenchTarget }>;

/** Answers what is below `/.workbench/` of every workbench. @returns what to say where it has not answered */
export type OwnPaths = (call: Call) => Promise<refusals.Refusal | undefined>;

/** The controller's own paths at a workbench's address: the way in with a ticket, and the button that starts it. */
export function createOwnPaths({
  base,
  entries,
  origins,
  signIn,
  start,
  admission,
  logger,
}: OwnPathsOptions): OwnPaths {
  const paths: Readonly<Record<string, OwnPaths>> = {
    '/.workbench/enter': enter,
    '/.workbench/login': logIn,
    '/.workbench/start': startAndReturn,
  };
  const notFound = refusals.refusalOf({ kind: 'notFound' });

  async function enter(call: Call): Promise<refusals.Refusal | undefined> {
    if (!entries) return notFound;
    const { request, target } = call;
    const { method, headers } = request;
    const { from } = admission.visitOf(request, target, false);
    if (method === 'GET') {
      // A ticket serves once: not whoever looks ahead, nor a picture in somebody's page.
      const ahead = /prefetch|prerender/i.test(String(headers['sec-purpose'] ?? headers['purpose'] ?? ''));
      const elsewhere = from.site === 'cross-site' || from.site === 'same-site';
      if (ahead || (elsewhere && from.mode !== 'navigate')) return entryRefusals.foreignPage;
      const { searchParams } = new URL(`http://door.invalid${target.rest}`);
      return admit(call, entries, searchParams, false);
    }
    if (method !== 'POST') return refusals.methodNotAllowed('GET', 'POST');
    const fault = judgeOrigin(from, origins, true);
    if (fault) {
      logger.info({ workbench_id: target.workbenchId, rule: fault }, 'refused');
      return entryRefusals.foreignPage;
    }
    const form = await readForm(request);
    return form ? admit(call, entries, form, true) : refusals.formTooLarge;
  }

  function admit({ request, response, target }: Call, way: Entries, given: URLSearchParams, confirmed: boolean) {
    const { workbenchId } = target;
    const [ticket, next] = [given.get('t') ?? '', given.get('next')];
    const admitted = way.admit({ workbenchId, ticket, next, cookie: request.headers.cookie, confirmed });
    const { kind, rule } = admitted;
    if (kind === 'admitted') {
      logger.info({ user: admitted.user, workbench_id: workbenchId, rule }, 'entered');
      redirect(response, admitted.location, admitted.cookies);
      return undefined;
    }
    logger.info({ user: kind === 'ask' ? admitted.current : undefined, workbench_id: workbenchId, rule }, 'refused');
    if (kind === 'refused') return entryRefusals.ticketRefused;
    const action = `${basePathOf(base(), workbenchId)}/.workbench/enter`;
    const form = { action, button: `Go on as ${admitted.user}`, fields: { t: ticket, next: nextPath(next) } };
    return entryRefusals.askWho(admitted.current, admitted.user, form);
  }

  /** For who asks for it: a link on a page, or a proxy that has found no session. */
  async function logIn({ request, target }: Call): Promise<refusals.Refusal | undefined> {
    if (!signIn) return notFound;
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusals.methodNotAllowed('GET', 'HEAD');
    const visit = admission.visitOf(request, target, false);
    if (!visit.wantsPage) return entryRefusals.foreignPage;
    const { searchParams } = new URL(`http://door.invalid${target.rest}`);
    return entryRefusals.leadTo(signIn.setOut({ ...visit, path: nextPath(searchParams.get('next')) }));
  }

  async function startAndReturn(call: Call): Promise<refusals.Refusal | undefined> {
    const { request, response, target } = call;
    if (request.method !== 'POST') return refusals.methodNotAllowed('POST');
    const entered = await admission.admit(admission.visitOf(request, target, false));
    if ('status' in entered) return entered;
    const form = await readForm(request);
    if (!form) return refusals.formTooLarge;
    try {
      await start(entered.userId, target.workbenchId);
    } catch (error) {
      return whyNotStarted(error, target.workbenchId);
    }
    redirect(response, `${basePathOf(base(), target.workbenchId)}${nextPath(form.get('next'))}`, []);
    return undefined;
  }

  function whyNotStarted(error: unknown, workbenchId: string): refusals.Refusal {
    if (!(error instanceof ExpectedError)) throw error;
    logger.warn({ workbench_id: workbenchId, err: error }, 'A start from the stopped page failed');
    const { code, message } = error;
    if (error instanceof ConflictError) return refusals.startFailed(409, code, message, error.retryAfterSeconds);
    if (error instanceof UnavailableError) return refusals.startFailed(503, code, message, error.retryAfterSeconds);
    return refusals.startFailed(502, code, message);
  }

  return async (call) => await (paths[call.target.rest.split('?', 1)[0] ?? ''] ?? (async () => notFound))(call);
}

function redirect(response: ServerResponse, location: string, cookies: readonly string[]): void {
  response.writeHead(303, {
    Location: location,
    ...(cookies.length > 0 ? { 'Set-Cookie': [...cookies] } : {}),
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'Content-Length': 0,
  });
  response.end();
}
