import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';
import { requestIdOf } from './requestId.ts';

/** One line a request; a read that went well is a poll, and polls are many. */
export function accessLog(logger: Logger) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const startedAt = performance.now();
    response.once('close', () => {
      const { statusCode } = response;
      const quiet = statusCode < 400 && (request.method === 'GET' || request.method === 'HEAD');
      const line = {
        request_id: requestIdOf(response),
        method: request.method,
        path: request.path,
        status: statusCode,
        ms: Math.round(performance.now() - startedAt),
      };
      logger[quiet ? 'debug' : 'info'](line, response.writableFinished ? 'request' : 'request, cut off by the client');
    });
    next();
  };
}
