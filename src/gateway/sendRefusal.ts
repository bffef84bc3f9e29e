import { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Refusal } from './refusal.ts';
import { refusalPage } from './refusalPage.ts';

/**
 * Answers with a page where the client takes HTML, else with the API's error envelope. An answer already on its way
 * cannot be taken back: then the connection ends, so that the client does not hold what it has for the whole.
 */
export function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  { newRequestId, frameAncestors }: Readonly<{ newRequestId: () => string; frameAncestors: readonly string[] }>,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const requestId = String(response.getHeader('x-request-id') ?? newRequestId());
  if (refusal.redirect) {
    const { location, cookies } = refusal.redirect;
    response.writeHead(refusal.status, {
      ...commonHeaders(refusal, requestId, ''),
      Location: location,
      ...(cookies.length > 0 ? { 'Set-Cookie': [...cookies] } : {}),
    });
    response.end();
    request.resume();
    return;
  }
  const page = acceptsHtml(request) ? refusalPage(refusal, requestId, frameAncestors) : undefined;
  const body = page ? page.html : envelope(refusal, requestId);
  response.writeHead(refusal.status, {
    ...commonHeaders(refusal, requestId, body),
    'Content-Type': page ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8',
    ...(page ? { 'Content-Security-Policy': page.contentSecurityPolicy } : {}),
    // With no-referrer, browsers would send the form with an Origin of null.
    ...(page && refusal.form ? { 'Referrer-Policy': 'strict-origin' } : {}),
    Vary: 'Accept',
  });
  response.end(body);
  // A client that is still sending reads the answer only after that.
  request.resume();
}

/** The same for an upgrade, which has a socket and no response. The connection is of no further use. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal, requestId: string): void {
  const body = envelope(refusal, requestId);
  const headers: OutgoingHttpHeaders = {
    ...commonHeaders(refusal, requestId, body),
    'Content-Type': 'application/json; charset=utf-8',
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join('')}\r\n${body}`);
  socket.once('finish', () => socket.destroy());
}

function commonHeaders(refusal: Refusal, requestId: string, body: string): OutgoingHttpHeaders {
  return {
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': requestId,
    ...(refusal.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    ...(refusal.allow === undefined ? {} : { Allow: refusal.allow }),
    ...(refusal.retryAfterSeconds === undefined ? {} : { 'Retry-After': refusal.retryAfterSeconds }),
  };
}

function envelope({ status, code, title, message, hint, hintForPrograms }: Refusal, requestId: string): string {
  const whole = [/[.?]$/.test(title) ? title : `${title}.`, message, hint ?? hintForPrograms]
    .filter((part) => part !== undefined)
    .join(' ');
  return JSON.stringify(
    status < 400
      ? { success: true, message: whole }
      : { success: false, error: { code, message: whole, request_id: requestId } },
  );
}

/** Only a client that names HTML is a browser showing a page; scripts, images and curl ask for anything. */
function acceptsHtml(request: IncomingMessage): boolean {
  return /(^|,)\s*text\/html\s*(,|$|;(?!\s*q=0(\.0*)?\s*(,|$)))/i.test(request.headers.accept ?? '');
}
