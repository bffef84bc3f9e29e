import { useState } from 'preact/hooks';
import { Problem } from './Problem.tsx';

type Properties = Readonly<{
  signIn: (token: string) => Promise<void>;
  /** Where to log in with one click; undefined: with a key or token alone. */
  loginUrl: string | undefined;
  /** Why one is asked for again. */
  reason: unknown;
}>;

export function SignIn({ signIn, loginUrl, reason }: Properties) {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<unknown>(reason);
  const [busy, setBusy] = useState(false);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (busy || token.trim() === '') return;
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn(token.trim());
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <main class="card stack">
      <h1 tabIndex={-1}>Sign in</h1>
      {loginUrl && (
        <p>
          <a class="tool primary" href={loginUrl}>
            Log in
          </a>
        </p>
      )}
      <form class="stack" onSubmit={submit}>
        <label>
          Key or token
          <input
            type="password"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
            autocomplete="off"
            aria-describedby="kept"
          />
        </label>
        <p id="kept" class="fine">
          It is kept in this page’s memory alone: reloading the page, or closing it, signs you out.
        </p>
        <div role="alert">{problem !== undefined && <Problem error={problem} />}</div>
        <button type="submit" class="tool primary" aria-busy={busy} aria-disabled={busy}>
          Sign in
        </button>
      </form>
    </main>
  );
}
