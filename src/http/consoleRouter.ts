import { type Request, type RequestHandler, type Response, Router } from 'express';
import { createBuiltFiles } from './builtFiles.ts';
import { methodNotAllowed } from './methodNotAllowed.ts';
import { calls } from './openapi/calls.ts';
import type { ConsoleConfig, Welcome } from './schemas/console.ts';

/** The build puts the page's files here. */
const folder = new URL('../console/', import.meta.url);
const parts: readonly (readonly [path: string, name: string, type: string])[] = [
  ['/console/', 'index.html', 'html'],
  ['/console/console.js', 'console.js', 'js'],
  ['/console/console.css', 'console.css', 'css'],
  ['/console/icon.svg', 'icon.svg', 'svg'],
];

/** Nothing but what comes from beside it: whatever slips into the page as text stays text. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The console, and who comes to the root: browsers are sent there, programs are told what they may call. */
export function consoleRouter(config: ConsoleConfig): RequestHandler {
  const serve = createBuiltFiles(folder);
  const router = Router({ strict: true });
  router.route('/').get(welcomeAll).all(methodNotAllowed('GET', 'HEAD'));

  router.use('/console', (_request, response, next) => {
    response.set({ 'Content-Security-Policy': policy, 'Referrer-Policy': 'no-referrer' });
    response.set('Cross-Origin-Opener-Policy', 'same-origin');
    next();
  });
  for (const [path, name, type] of parts)
    router.route(path).get(serve(name, type)).all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/console/config.json')
    .get((_request, response) => {
      response.json({ success: true, item: config });
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router.get('/console', (_request, response) => {
    response.redirect(308, 'console/');
  });
  return router;
}

function welcomeAll(request: Request, response: Response): void {
  const way = relativeTo(request.originalUrl);
  response.vary('Accept');
  if (request.accepts(['json', 'html']) === 'html') {
    response.location(`${way}console/`).status(302).end();
    return;
  }
  const welcome: Welcome = {
    success: true,
    message: 'The Workbench Controller. /console/ is for people, /docs/ explains each call',
    calls: calls.map(({ method, path, summary }) => ({ method: method.toUpperCase(), path, summary })),
  };
  response.json(welcome);
}

/** From a root without a slash at its end, a prefix such as `/api/v1`, to what is below it. */
function relativeTo(url: string): string {
  const last = /[^/?]*(?=$|\?)/.exec(url.split('?', 1)[0] ?? '')?.[0] ?? '';
  return last === '' ? './' : `${last}/`;
}
