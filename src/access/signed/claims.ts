import { z } from 'zod';

const seconds = z.number().positive();

/** What every token that follows a login says of it. */
const login = {
  user: z.string(),
  /** The provider's name for the user, if one signed them in. */
  sub: z.string().optional(),
  /** When the user proved who they are, to the millisecond: what ended before that does not end this. */
  auth_time: seconds,
  exp: seconds,
};

/** The cookie of one workbench: says who, never whether. */
export const sessionClaims = z.object({ wid: z.string(), iat: seconds, ...login });
/** Carries a user from the controller's host to a workbench's. With `h` it serves only the browser that holds the nonce; `id` makes it one of its kind. */
export const ticketClaims = z.object({ id: z.string(), wid: z.string(), h: z.string().optional(), ...login });
/** Whom a logout in this browser logs out. */
export const userClaims = z.object(login);
/** One attempt to log in: what the provider's answer has to fit. */
export const loginClaims = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  /** Where to go afterwards: a path below the controller's root, or nothing. */
  next: z.string(),
  exp: seconds,
});

export type SessionClaims = z.infer<typeof sessionClaims>;
export type TicketClaims = z.infer<typeof ticketClaims>;
export type UserClaims = z.infer<typeof userClaims>;
export type LoginClaims = z.infer<typeof loginClaims>;

export const SESSION_S = 12 * 3600;
export const TICKET_S = 60;
export const LOGIN_S = 10 * 60;
