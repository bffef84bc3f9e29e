import type { Answer } from '../support/startApplication.ts';

/** Says all that a task must not, in answers of every kind. */
export const hostileApplication: Answer = (request, response) => {
  const { url = '' } = request;
  response.setHeader('Set-Cookie', [
    'app=1; Path=/',
    'tossed=1; Path=/; Domain=example.net',
    '__Host-wb=forged; Path=/; Secure',
  ]);
  response.setHeader('Clear-Site-Data', '"cookies"');
  response.setHeader('Strict-Transport-Security', 'max-age=31536000; includeSubDomains');
  response.setHeader('Cache-Control', 'public, max-age=60');
  response.setHeader('X-Accel-Redirect', '/auth/check');
  response.setHeader('Service-Worker-Allowed', '/');
  if (url.endsWith('/stream')) {
    response.setHeader('Content-Type', 'text/event-stream');
    response.write('data: first\n\n');
    return;
  }
  const [, status] = /\/status\/(\d+)$/.exec(url) ?? [];
  response.statusCode = Number(status ?? 200);
  if (url.endsWith('/large')) response.end(Buffer.alloc(5 << 20, 'x'));
  else if (request.method === 'POST') request.pipe(response);
  else response.end(`the application at ${url}`);
};
