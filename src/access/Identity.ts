/** Who is calling, however that was found out. */
export type Identity = Readonly<{
  kind: 'anyone' | 'staticKey' | 'jwt' | 'oidc' | 'session';
  /** Whom it acts for. Without one, for whichever user it names. */
  userId?: string;
  /** May act for any user that it names. */
  operator: boolean;
  /** Milliseconds since the epoch. */
  expiresAt?: number;
  /** What the provider calls the user (`sub`): a logout there names nothing else. */
  subject?: string;
}>;

export const anyone: Identity = { kind: 'anyone', operator: true };
