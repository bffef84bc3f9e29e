import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { UnavailableError } from '../../lib/errors.ts';
import { isSafe } from '../hosts/isSafe.ts';
import { keepFetched } from './keepFetched.ts';

const FRESH_MS = 10 * 60_000;
/** Keys go on serving through outages of the provider. */
const USABLE_MS = 24 * 3_600_000;
/** A flood of unknown key ids is no flood of fetches. */
const BETWEEN_MS = 30_000;
const TIMEOUT_MS = 5_000;

const document = z.looseObject({
  issuer: z.string(),
  jwks_uri: z.url(),
  authorization_endpoint: z.url().exactOptional(),
  token_endpoint: z.url().exactOptional(),
  end_session_endpoint: z.url().exactOptional(),
  authorization_response_iss_parameter_supported: z.boolean().exactOptional(),
});
const keySet = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) });

export type ProviderMetadata = z.infer<typeof document>;

export type Provider = Readonly<{
  /** What the provider says of itself. @throws UnavailableError */
  metadata(): Promise<ProviderMetadata>;
  /** The key that a token names, for jose. @throws UnavailableError, JWKSNoMatchingKey */
  key: JWTVerifyGetKey;
}>;

type Dependencies = Readonly<{ issuer: string; clock: Pick<Clock, 'monotonic'>; fetch?: typeof globalThis.fetch }>;

/** The OIDC provider as it describes itself: endpoints and keys, held and looked at again. */
export function createProvider({ issuer, clock, fetch = globalThis.fetch }: Dependencies): Provider {
  const published = keepFetched({
    clock,
    freshMs: FRESH_MS,
    usableMs: USABLE_MS,
    betweenMs: BETWEEN_MS,
    fetch: async () => {
      const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
      const metadata = document.parse(await json(url));
      if (metadata.issuer !== issuer) {
        const names = `The provider calls itself ${metadata.issuer}, RESTAPI_AUTH_OIDC_ISSUER is ${issuer}`;
        throw new Error(`${names}: they must be the same, letter by letter`);
      }
      return { metadata, keys: createLocalJWKSet(keySet.parse(await json(metadata.jwks_uri))) };
    },
  });

  async function json(url: string): Promise<unknown> {
    if (!isSafe(url)) throw new Error(`${url} is neither https nor on this machine`);
    const answer = await fetch(url, {
      headers: { Accept: 'application/json' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
    return answer.json();
  }

  const orUnavailable = <T>(asked: Promise<T>): Promise<T> =>
    asked.catch((cause: unknown) => {
      throw new UnavailableError('The identity provider does not answer as it should; try again', {
        code: 'provider_unavailable',
        retryAfterSeconds: BETWEEN_MS / 1000,
        cause,
      });
    });

  return {
    metadata: async () => (await orUnavailable(published.get())).metadata,
    key: async (header, token) => {
      const { keys } = await orUnavailable(published.get());
      try {
        return await keys(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      }
      const newer = await orUnavailable(published.again());
      return newer.keys(header, token);
    },
  };
}
