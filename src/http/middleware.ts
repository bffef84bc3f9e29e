import type { IncomingMessage, ServerResponse } from 'node:http';

/** A step that needs nothing of Express: it serves before Express as it does within. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** Takes a request through the steps in turn, and on; a step that answers by itself goes no further. */
export function passThrough(
  steps: readonly Middleware[],
  request: IncomingMessage,
  response: ServerResponse,
  done: (error?: unknown) => void,
): void {
  const enter = (index: number): void => {
    const step = steps[index];
    if (step) step(request, response, (error) => (error ? done(error) : enter(index + 1)));
    else done();
  };
  enter(0);
}
