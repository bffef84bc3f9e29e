import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, Router } from 'express';
import { NotFoundError } from '../lib/errors.ts';
import { docsPage, docsPolicy, docsScript } from './docsPage.ts';
import { methodNotAllowed } from './methodNotAllowed.ts';

/** The build puts the viewer's files here. */
const viewer = fileURLToPath(new URL('docs', import.meta.url));
/** For pages that have no build of their own. */
const client = fileURLToPath(new URL('../client', import.meta.url));
const files = { index: false, redirect: false, cacheControl: false, acceptRanges: false };

/**
 * The API as OpenAPI has it, and a page to read and try it. Neither needs a token: it is the same for everybody.
 * @param describe takes a while, and few ask: it is called when somebody does
 */
export function documentsRouter(describe: () => object): RequestHandler {
  let description: string | undefined;
  const router = Router({ strict: true });
  router
    .route('/openapi.json')
    .get((_request, response) => {
      description ??= JSON.stringify(describe());
      response.type('json').send(description);
    })
    .all(methodNotAllowed('GET', 'HEAD'));

  router.use('/docs', (_request, response, next) => {
    response.set({ 'Content-Security-Policy': docsPolicy, 'Cache-Control': 'no-cache' });
    next();
  });
  router
    .route('/docs/')
    .get((_request, response) => {
      response.type('html').send(docsPage);
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router.get('/docs', (_request, response) => {
    response.redirect(308, 'docs/');
  });
  router.get('/docs/start.js', (_request, response) => {
    response.type('js').send(docsScript);
  });
  const others = methodNotAllowed('GET', 'HEAD');
  router.use('/docs', (request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') next();
    else others(request, response, next);
  });
  router.use('/docs/client', express.static(client, files));
  router.use('/docs', express.static(viewer, files));
  router.use('/docs', () => {
    throw new NotFoundError('There is no such file; /docs/ has what there is');
  });
  return router;
}
