import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { fakeClock } from './fakeClock.ts';

export const ISSUER = 'https://id.example.com/realms/main';

type Key = Readonly<{ kid: string; alg: string; privateKey: CryptoKey; publicKey: CryptoKey }>;

async function newKey(kid: string, alg: string): Promise<Key> {
  return { kid, alg, ...(await generateKeyPair(alg, { extractable: true })) };
}

/** A provider of tokens in memory, which can rotate, fail and count: `fetch` is its network. */
export async function testIssuer(clock: ReturnType<typeof fakeClock>) {
  // Elliptic: made in a moment, where RSA keys take seconds.
  let keys = [await newKey('first', 'ES256')];
  let down = false;
  const fetched: string[] = [];

  const current = () => {
    const key = keys.at(-1);
    if (!key) throw new Error('no key');
    return key;
  };
  const seconds = (ago = 0) => Math.floor(clock.now() / 1000) - ago;

  return {
    fetched,
    seconds,
    current,
    setDown: (value: boolean) => {
      down = value;
    },
    /** A new key, beside the old ones or instead of them. */
    rotate: async (kid: string, { alg = 'ES256', keep = false } = {}) => {
      const key = await newKey(kid, alg);
      keys = keep ? [...keys, key] : [key];
    },
    fetch: async (input: string | URL | Request): Promise<Response> => {
      const url = String(input);
      fetched.push(url);
      if (down) throw new TypeError('fetch failed');
      if (url === `${ISSUER}/.well-known/openid-configuration`) {
        return Response.json({ issuer: ISSUER, jwks_uri: `${ISSUER}/certs` });
      }
      if (url !== `${ISSUER}/certs`) return new Response(null, { status: 404 });
      const jwks = keys.map(async ({ kid, alg, publicKey }) => ({
        ...(await exportJWK(publicKey)),
        kid,
        alg,
        use: 'sig',
      }));
      return Response.json({ keys: await Promise.all(jwks) });
    },
    /** An access token as Keycloak makes them; what is given replaces or, undefined, removes. */
    token: async (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> => {
      const { kid, alg, privateKey } = current();
      const payload = {
        iss: ISSUER,
        aud: ['workbenches', 'account'],
        sub: 'ann',
        typ: 'Bearer',
        iat: seconds(),
        exp: seconds() + 300,
        ...claims,
      };
      return new SignJWT(payload).setProtectedHeader({ typ: 'JWT', kid, alg, ...header }).sign(privateKey);
    },
  };
}

export type TestIssuer = Awaited<ReturnType<typeof testIssuer>>;
