import { isIP } from 'node:net';

/** What container engines call this machine from within containers; no stranger's DNS can answer for these. */
const ofEngines: ReadonlySet<string> = new Set(['host.docker.internal', 'host.containers.internal']);

/**
 * Whether a request is for this port by a name that nobody can make point here from outside: a web page could else reach
 * the cloud under a name of its own (DNS rebinding), and a task runs commands. An address is no name.
 *
 * @param host as it was sent; undefined or empty: no browser leaves it out
 * @param own the name that the port was given, if it is one
 */
export function isOwnHost(host: string | undefined, own: string | undefined): boolean {
  if (!host) return true;
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::\d{0,5})?$/.exec(host) ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  const name = plain.toLowerCase().replace(/\.$/, '');
  if (isIP(name) === 4) return true;
  return name === 'localhost' || name.endsWith('.localhost') || name === own?.toLowerCase() || ofEngines.has(name);
}
