/** Below the API's root: what proxies that reach the tasks themselves ask for. Nobody else has an answer there. */
export const proxyPaths = { check: '/auth/check', page: '/auth/page' } as const;

/** @param path of the request, without its query */
export function isProxyPath(path: string, urlPrefix: string): boolean {
  return path === `${urlPrefix}${proxyPaths.check}` || path === `${urlPrefix}${proxyPaths.page}`;
}
