import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Client, Me } from '../client/createClient.ts';

export type Notice = Readonly<{
  id: number;
  text: string;
  /** What went wrong, with its code. */
  error?: unknown;
  link?: Readonly<{ text: string; url: string }>;
}>;

/** What every part of the page stands on. */
export type App = Readonly<{
  me: Me;
  /** Root of the API, without a slash at its end. */
  root: string;
  needsToken: boolean;
  /** For people who wait: repeats for a while, and says so. @param userId undefined: whom the token names */
  clientOf(userId: string | undefined): Client;
  /** Tells failures at once. */
  promptClientOf(userId: string | undefined): Client;
  say(notice: Omit<Notice, 'id'>): void;
  /** The token is none any more. */
  signedOut(error: unknown): void;
}>;

const context = createContext<App | undefined>(undefined);

export const AppProvider = context.Provider;

export function useApp(): App {
  const app = useContext(context);
  if (!app) throw new Error('outside of the console');
  return app;
}
