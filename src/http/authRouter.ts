import { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express';
import type { Logger } from 'pino';
import { parseNextPath } from '../access/entry/nextPath.ts';
import { provenanceOf } from '../access/entry/visitOf.ts';
import { parseAuthority } from '../access/hosts/authority.ts';
import { judgeOrigin } from '../access/hosts/judgeOrigin.ts';
import type { Redirect, SignIn } from '../access/login/createSignIn.ts';
import { enterPath, parseEnterPath } from '../access/login/enterPath.ts';
import { foreignPage } from '../gateway/entryRefusal.ts';
import { readForm } from '../gateway/readForm.ts';
import type { Refusal } from '../gateway/refusal.ts';
import { sendRefusal } from '../gateway/sendRefusal.ts';
import { InputError, UnavailableError } from '../lib/errors.ts';
import * as pages from './authPages.ts';
import { failureOf } from './errorHandler.ts';
import { methodNotAllowed } from './methodNotAllowed.ts';
import { requestIdOf } from './requestId.ts';

type Dependencies = Readonly<{
  signIn: SignIn;
  publicUrl: () => string;
  /** Where people find their workbenches. */
  loginUrl: string | undefined;
  logger: Logger;
}>;

const nowhere = { newRequestId: () => '', frameAncestors: [] };

/** What browsers, and the provider behind their back, find below `/auth/`: the way in by the provider, and out. */
export function authRouter({ signIn, publicUrl, loginUrl, logger }: Dependencies): RequestHandler {
  const router = Router();
  const link = loginUrl === undefined ? undefined : { text: 'Go to the application', url: loginUrl };

  router.route('/auth/login').get(navigation, begin).all(methodNotAllowed('GET', 'HEAD'));
  router.route('/auth/enter/:workbenchId').get(navigation, enter).all(methodNotAllowed('GET', 'HEAD'));
  router.route('/auth/callback').get(finish).all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/auth/logout')
    .get(navigation, askToLogOut)
    .post(logOut)
    .all(methodNotAllowed('GET', 'HEAD', 'POST'));
  router.route('/auth/logged-out').get(loggedOut).all(methodNotAllowed('GET', 'HEAD'));
  router.route('/auth/backchannel-logout').post(beTold).all(methodNotAllowed('POST'));
  router.use(explain);

  async function begin(request: Request, response: Response): Promise<void> {
    const next = request.query['next'] === undefined ? '' : parseNextPath(request.query['next']);
    if (next === undefined) return say(request, response, pages.badWay);
    redirect(response, await signIn.begin(next, request.headers.cookie));
  }

  async function enter(request: Request, response: Response): Promise<void> {
    const way = parseEnterPath(request.url);
    if (!way) return say(request, response, pages.badWay);
    redirect(response, await signIn.begin(enterPath(way), request.headers.cookie));
  }

  async function finish(request: Request, response: Response): Promise<void> {
    const search = request.url.replace(/^[^?]*/, '');
    const { user, location, cookies } = await signIn.finish(search, request.headers.cookie);
    logger.info({ request_id: requestIdOf(response), user }, 'logged in');
    if (location !== undefined) return redirect(response, { location, cookies });
    response.setHeader('Set-Cookie', [...cookies]);
    say(request, response, pages.loggedIn(user, link));
  }

  function askToLogOut(request: Request, response: Response): void {
    say(request, response, pages.logOutPage(logOutForm('Log out')));
  }

  function logOutForm(button: string): NonNullable<Refusal['form']> {
    const action = `${new URL(publicUrl()).pathname.replace(/\/$/, '')}/auth/logout`;
    return { action, button, fields: {}, leadsAway: true };
  }

  async function logOut(request: Request, response: Response): Promise<void> {
    const from = provenanceOf(request, { authority: parseAuthority(request.headers.host ?? ''), upgrade: false });
    const own = { scheme: undefined, configured: [new URL(publicUrl()).origin], framed: false };
    if (judgeOrigin(from, own, true)) return say(request, response, { ...foreignPage, neverFramed: true });
    const { user, cookies } = await signIn.signOut(request.headers.cookie);
    logger.info({ request_id: requestIdOf(response), user }, 'logged out');
    response.setHeader('Set-Cookie', [...cookies]);
    const location = await signIn.providersLogout().catch((error: unknown) => {
      if (error instanceof UnavailableError) return null;
      throw error;
    });
    if (location === null) return say(request, response, pages.providerStays);
    redirect(response, { location: location ?? `${publicUrl()}/auth/logged-out`, cookies });
  }

  function loggedOut(request: Request, response: Response): void {
    say(request, response, pages.loggedOut(link));
  }

  async function beTold(request: Request, response: Response): Promise<void> {
    const token = (await readForm(request))?.get('logout_token');
    if (!token) throw new InputError([{ field: 'logout_token', message: 'is missing: send it as a form does' }]);
    const user = await signIn.told(token);
    logger.info({ request_id: requestIdOf(response), user }, 'logged out at the provider');
    response.json({ success: true });
  }

  /** What to do about it, people see; what went wrong between us and the provider is for the log. */
  function explain(error: unknown, request: Request, response: Response, next: NextFunction): void {
    const failure = failureOf(error);
    if (response.headersSent || failure.status === 500 || request.path === '/auth/backchannel-logout') {
      next(error);
      return;
    }
    if (request.method === 'POST') {
      logger.warn({ request_id: requestIdOf(response), code: failure.code }, 'not logged out everywhere yet');
      say(request, response, pages.notLoggedOut(failure, logOutForm('Log out again')));
      return;
    }
    const line = { request_id: requestIdOf(response), code: failure.code, why: whyOf(error) };
    logger[failure.status > 500 ? 'warn' : 'info'](line, 'not logged in');
    say(request, response, pages.failed(failure, !request.path.endsWith('/callback')));
  }

  return router;
}

/** A page of others may link here. It may not load this in a frame, or as a picture, and gather logins in the browser. */
function navigation(request: Request, response: Response, next: NextFunction): void {
  const { 'sec-fetch-mode': mode = 'navigate', 'sec-fetch-dest': destination = 'document' } = request.headers;
  if (mode === 'navigate' && destination === 'document') next();
  else say(request, response, { ...foreignPage, neverFramed: true });
}

function say(request: Request, response: Response, refusal: Refusal): void {
  sendRefusal(request, response, refusal, nowhere);
}

function redirect(response: Response, { location, cookies }: Redirect): void {
  response.setHeader('Set-Cookie', [...cookies]);
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.writeHead(303, { Location: location, 'Content-Length': 0 }).end();
}

/** What the provider said of it, without what it was sent. */
function whyOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error)) return undefined;
  // openid-client's form of `WWW-Authenticate`.
  if (Array.isArray(cause.cause)) return `${cause.message}: ${JSON.stringify(cause.cause)}`;
  const said = ['error', 'error_description', 'code', 'message'].map((name) => Reflect.get(cause, name));
  return said.filter((part) => typeof part === 'string').join(': ');
}
