import { createHmac, hkdfSync } from 'node:crypto';
import type { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { sameText } from './sameText.ts';

export type TokenKind = 'login' | 'ticket' | 'session' | 'user' | 'console';

/** Claims with an end, in seconds since the epoch. */
type Ending = Readonly<{ exp: number }>;

export type Signed<Claims> = Readonly<{
  sign(claims: Claims): string;
  /** Undefined: not ours, altered, of another kind, or past its end. */
  verify(token: string): Claims | undefined;
}>;

type Options<Claims> = Readonly<{
  kind: TokenKind;
  /** The first signs, all verify. */
  secrets: readonly string[];
  claims: z.ZodType<Claims>;
  clock: Pick<Clock, 'now'>;
}>;

/**
 * Tokens that only we can make and read back: `<claims>.<HMAC-SHA256>`. Each kind has a key of its own (HKDF), so that
 * none passes for another; JWTs would cost twenty times as much on every request.
 */
export function createSigned<Claims extends Ending>({ kind, secrets, claims, clock }: Options<Claims>): Signed<Claims> {
  const keys = secrets.map((secret) =>
    Buffer.from(hkdfSync('sha256', secret, '', `workbench-controller ${kind} 1`, 32)),
  );
  const [first] = keys;
  if (!first) throw new Error('Nothing to sign with');
  const mac = (key: Buffer, content: string) => createHmac('sha256', key).update(content).digest('base64url');

  return {
    sign(value) {
      const content = Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${content}.${mac(first, content)}`;
    },
    verify(token) {
      const [content, signature, more] = token.split('.');
      if (!content || !signature || more !== undefined) return undefined;
      // Compared as text: base64 has several spellings of the same bytes, and a ticket may be used once.
      if (!keys.some((key) => sameText(mac(key, content), signature))) return undefined;
      const parsed = claims.safeParse(JSON.parse(Buffer.from(content, 'base64url').toString()));
      return parsed.success && parsed.data.exp * 1000 > clock.now() ? parsed.data : undefined;
    },
  };
}
