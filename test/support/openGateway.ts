import type { Decide } from '../../src/access/entry/createDecide.ts';
import { parseBaseUrl } from '../../src/access/hosts/baseUrl.ts';
import { anyone } from '../../src/access/Identity.ts';
import type { GatewayOptions } from '../../src/gateway/createGateway.ts';

/** Lets everybody in, as Ann. */
export const enterAll: Decide = () => ({
  kind: 'entered',
  rule: 'authentication-off',
  userId: 'ann',
  identity: anyone,
  stripAuthorization: false,
});

/** What a test of forwarding has no interest in: a gateway that anybody may pass. */
export function openTo(baseUrl = 'http://localhost/project'): Omit<GatewayOptions, 'resolve' | 'logger'> {
  const base = parseBaseUrl(baseUrl);
  if (typeof base === 'string') throw new Error(base);
  return {
    base: () => base,
    baseGiven: false,
    decide: enterAll,
    entries: undefined,
    signIn: undefined,
    origins: { scheme: undefined, configured: [], framed: false },
    start: async () => undefined,
    isBeingDestroyed: () => false,
    loginUrl: undefined,
    trustedProxies: undefined,
    admits: () => true,
    frameAncestors: [],
  };
}
