import { createHash, randomBytes } from 'node:crypto';

/** At most 64 characters, which is what EFS takes as a client token. */
const digest = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** A token that nobody will ever make again. */
export function freshToken(): string {
  return randomBytes(32).toString('hex');
}

/**
 * The token that every controller makes of the same user's same idempotency key.
 * @param scope what else tells two such keys apart: EFS tokens are shared by a whole Region
 */
export function keyedToken(scope: readonly string[], userId: string, key: string): string {
  return digest(...scope, userId, key);
}

/** What of a create's token its access point shows for ever, as the name of its folder. */
export function createMark(token: string): string {
  return token.slice(0, 32);
}

/** The token of a generation's RunTask: ECS answers it with the same task, whoever asks. */
export function launchToken(workbenchId: string, generation: number): string {
  return `${workbenchId}-${generation}`;
}

/** Tells whether two create requests ask for the same. */
export function requestFingerprint(request: Readonly<Record<string, unknown>>): string {
  return digest(JSON.stringify(request)).slice(0, 16);
}
