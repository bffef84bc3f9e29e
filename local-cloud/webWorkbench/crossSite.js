/**
 * Whether a page of another site makes this request. Browsers always send one of the two headers with a request that
 * changes something, and no page can forge them; a program such as curl sends neither and carries no one's session.
 *
 * @param {import('node:http').IncomingHttpHeaders} headers
 */
export function isCrossSite(headers) {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  if (headers.origin === undefined) return false;
  // Behind a gateway, the host that the browser sees is the forwarded one.
  const hosts = [headers.host, headers['x-forwarded-host']];
  return !hosts.some(
    (host) => host !== undefined && [`http://${host}`, `https://${host}`].includes(`${headers.origin}`),
  );
}
