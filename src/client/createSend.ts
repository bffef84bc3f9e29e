import { ApiError, apiErrorOf } from './ApiError.ts';
import { pause } from './pause.ts';

export type ClientOptions = Readonly<{
  /** The root of the API, its prefix included. */
  url: string;
  /** Asked before each request, so that it may be renewed. */
  token?: () => string | undefined | Promise<string | undefined>;
  /** Whom the calls are for; left out where the token says it. */
  userId?: string;
  /** For how long a request is repeated that the API asks to repeat, or that gets no answer: a minute. */
  patienceMs?: number;
  /** Told before each repetition, so that people can see why it takes long. */
  repeating?: (error: unknown, afterMs: number) => void;
}>;

export type Request = Readonly<{
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  query?: Readonly<Record<string, string | undefined>>;
  headers?: Readonly<Record<string, string | undefined>>;
  body?: object | undefined;
  signal?: AbortSignal | undefined;
}>;

export type Send = (path: string, request?: Request) => Promise<Response>;

const DEFAULT_PATIENCE_MS = 60_000;
/** Where nobody says when: then twice as long each time. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

/**
 * Sends requests until they are answered. All of the API's can be repeated: a create has its key, and the others do
 * nothing a second time.
 */
export function createSend(options: ClientOptions): Send {
  const { url, token, userId, patienceMs = DEFAULT_PATIENCE_MS, repeating } = options;
  const root = url.replace(/\/$/, '');

  async function once(path: string, { method = 'GET', query, headers, body, signal }: Request): Promise<Response> {
    const bearer = await token?.();
    const answer = await fetch(`${root}${path}${queryOf({ user_id: userId, ...query })}`, {
      method,
      headers: given({
        ...headers,
        Authorization: bearer === undefined ? undefined : `Bearer ${bearer}`,
        'Content-Type': body === undefined ? undefined : 'application/json',
      }),
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
    if (!answer.ok) throw await apiErrorOf(answer);
    return answer;
  }

  return async (path, request = {}) => {
    const giveUpAt = Date.now() + patienceMs;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await once(path, request);
      } catch (error) {
        const after = request.signal?.aborted ? undefined : pauseAfter(error, attempt);
        if (after === undefined || Date.now() + after > giveUpAt) throw error;
        repeating?.(error, after);
        await pause(after, request.signal);
      }
    }
  };
}

/** `fetch` throws a TypeError where no answer came, or its end didn't; perhaps that of another frame. */
export function isNoAnswer(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'TypeError';
}

/** Milliseconds; undefined: there is no use in asking again. */
function pauseAfter(error: unknown, attempt: number): number | undefined {
  const usual = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
  if (isNoAnswer(error)) return usual;
  if (!(error instanceof ApiError)) return undefined;
  if (error.retryAfterSeconds !== undefined) return error.retryAfterSeconds * 1000 + usual * Math.random();
  // Of proxies in between, which know no Retry-After.
  return [502, 503, 504].includes(error.status) && error.code === undefined ? usual : undefined;
}

function queryOf(parameters: NonNullable<Request['query']>): string {
  const query = new URLSearchParams(given(parameters)).toString();
  return query && `?${query}`;
}

function given(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
