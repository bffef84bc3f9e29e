import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';

/** One line an exchange, as for the API; what a page loads and gets is of interest to nobody but who debugs. */
export function logExchange(
  request: IncomingMessage,
  response: ServerResponse,
  logger: Pick<Logger, 'debug' | 'info' | 'isLevelEnabled'>,
): void {
  const { method } = request;
  const reads = method === 'GET' || method === 'HEAD';
  const startedAt = performance.now();
  response.once('close', () => {
    const { statusCode } = response;
    const quiet = reads && statusCode < 400;
    if (quiet && !logger.isLevelEnabled('debug')) return;
    const line = {
      method,
      // Queries hold tokens.
      path: request.url?.split('?', 1)[0],
      status: statusCode,
      ms: Math.round(performance.now() - startedAt),
    };
    logger[quiet ? 'debug' : 'info'](line, response.writableFinished ? 'request' : 'request, cut off');
  });
}
