import type { BaseUrl } from './baseUrl.ts';

/** Where the workbenches are where nothing else was set: on this machine, at a port that is known once the server listens. */
export function localBase(listeningPort: () => number): () => BaseUrl {
  let base: BaseUrl | undefined;
  return () => {
    const port = `:${listeningPort()}`;
    if (base?.port !== port) base = { scheme: 'http', port, mode: 'path', hostname: 'localhost', path: '/project' };
    return base;
  };
}

export function constant<T>(value: T): () => T {
  return () => value;
}
