import { createProvider } from '../access/provider/createProvider.ts';
import type { Config } from '../config.ts';
import { systemClock } from '../lib/clock.ts';
import { type Finding, failed, ok, warning } from './Finding.ts';

/** Tokens pass with clocks this far apart; beyond that they are of yesterday or of tomorrow. */
const SKEW_MS = 30_000;
const signing: ReadonlySet<unknown> = new Set(['RSA', 'EC']);

/** Whether the identity provider answers as the controller needs it: who it is, its keys, its clock. */
export async function providerFindings({ oidc }: Pick<Config, 'oidc'>): Promise<Finding[]> {
  if (!oidc) return [];
  let keys: readonly unknown[] = [];
  let aheadMs: number | undefined;
  const watchingFetch: typeof fetch = async (...asked) => {
    const answer = await fetch(...asked);
    aheadMs = Date.parse(answer.headers.get('date') ?? '') - systemClock.now();
    const body: unknown = await answer
      .clone()
      .json()
      .catch(() => undefined);
    if (typeof body === 'object' && body !== null && 'keys' in body && Array.isArray(body.keys)) keys = body.keys;
    return answer;
  };
  try {
    await createProvider({ issuer: oidc.issuer, clock: systemClock, fetch: watchingFetch }).metadata();
  } catch (error) {
    const remedy = 'Check RESTAPI_AUTH_OIDC_ISSUER, the provider, and the way from here to it';
    return [failed('provider', whyNot(error), remedy)];
  }
  return [keysFinding(oidc.issuer, keys), ...clockFindings(aheadMs)];
}

function keysFinding(issuer: string, keys: readonly unknown[]): Finding {
  const usable = keys.filter(
    (key) => typeof key === 'object' && key !== null && 'kty' in key && signing.has(key.kty) && !isForEncryption(key),
  );
  if (usable.length > 0) return ok('provider', `${issuer} answers, with ${usable.length} keys that sign tokens`);
  const remedy = 'Give the realm a key of RSA or an elliptic curve: tokens signed by others do not pass';
  return failed('provider', `${issuer} answers, and has no key that signs tokens`, remedy);
}

function isForEncryption(key: object): boolean {
  return 'use' in key && key.use === 'enc';
}

function clockFindings(aheadMs: number | undefined): Finding[] {
  if (aheadMs === undefined || Number.isNaN(aheadMs)) return [];
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (Math.abs(aheadMs) <= SKEW_MS) return [ok('clock', `the provider’s and this machine’s are ${seconds} s apart`)];
  const message = `the provider’s is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine’s, and tokens may fail`;
  return [warning('clock', message, 'Have both machines keep the time by NTP')];
}

/** What went wrong stands in the cause; the errors above it are for callers. */
function whyNot(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('cause' in error && error.cause !== undefined) return whyNot(error.cause);
  return 'message' in error && error.message ? String(error.message) : String(error);
}
