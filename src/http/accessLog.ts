import type { Logger } from 'pino';
import type { Middleware } from './middleware.ts';
import { requestIdOf } from './requestId.ts';

/** One line a request; a read that went well is a poll, and polls are many. */
export function accessLog(logger: Logger): Middleware {
  return (request, response, next) => {
    const startedAt = performance.now();
    // Now: routers below cut off what they are mounted at.
    const { method, url = '' } = request;
    response.on('close', () => {
      const { statusCode } = response;
      const level = statusCode < 400 && (method === 'GET' || method === 'HEAD') ? 'debug' : 'info';
      if (!logger.isLevelEnabled(level)) return;
      const line = {
        request_id: requestIdOf(response),
        method,
        path: url.split('?', 1)[0],
        status: statusCode,
        ms: Math.round(performance.now() - startedAt),
      };
      logger[level](line, response.writableFinished ? 'request' : 'request, cut off by the client');
    });
    next();
  };
}
