import type { Middleware } from './middleware.ts';

export const safeHeaders: Middleware = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  next();
};
