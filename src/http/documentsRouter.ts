import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, Router } from 'express';
import { docsPage, docsPolicy, docsScript } from './docsPage.ts';
import { methodNotAllowed } from './methodNotAllowed.ts';

/** The build puts the viewer's files here. */
const files = fileURLToPath(new URL('docs', import.meta.url));

/** The API as OpenAPI has it, and a page to read and try it. Neither needs a token: it is the same for everybody. */
export function documentsRouter(description: object): RequestHandler {
  const router = Router({ strict: true });
  router
    .route('/openapi.json')
    .get((_request, response) => {
      response.json(description);
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
  router.use(
    '/docs',
    express.static(files, { index: false, redirect: false, cacheControl: false, fallthrough: false }),
  );
  return router;
}
