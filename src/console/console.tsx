import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, createClient, type Me } from '../client/createClient.ts';
import { type App, AppProvider } from './App.ts';
import { Notices } from './Notices.tsx';
import { Problem } from './Problem.tsx';
import { readSetting, root, type Setting } from './readSetting.ts';
import { SignedIn } from './SignedIn.tsx';
import { SignIn } from './SignIn.tsx';
import { useNotices } from './useNotices.ts';

type Session = Readonly<{ me: Me; token: string | undefined }>;

/** @throws what the API says of the token */
async function beginSession(token: string | undefined): Promise<Session> {
  return { me: await createClient({ url: root, token: () => token, patienceMs: 0 }).me(), token };
}

function Console() {
  const [setting, setSetting] = useState<Setting>();
  const [session, setSession] = useState<Session>();
  const [problem, setProblem] = useState<unknown>();
  const [reason, setReason] = useState<unknown>();
  const { notices, say, dismiss } = useNotices();

  useEffect(() => {
    readSetting()
      .then(async (read) => {
        // The token is in no cookie and in no storage: with authentication on, nobody is signed in yet.
        if (read.authentication === 'off') setSession(await beginSession(undefined));
        setSetting(read);
      })
      .catch(setProblem);
  }, []);

  const app = useMemo((): App | undefined => {
    if (!setting || !session) return undefined;
    const { me, token } = session;
    const options = (userId: string | undefined) => ({
      url: root,
      token: () => token,
      ...(userId === undefined ? {} : { userId }),
    });
    return {
      me,
      root,
      needsToken: token !== undefined,
      clientOf: (userId) => {
        let told = false;
        const repeating = (error: unknown) => {
          if (!told) say({ text: 'That takes longer; it is being tried again.', error });
          told = true;
        };
        return createClient({ ...options(userId), repeating });
      },
      promptClientOf: (userId) => createClient({ ...options(userId), patienceMs: 0 }),
      say: (notice) => {
        say(notice);
        if (notice.error instanceof ApiError && notice.error.status === 401) signedOut(notice.error);
      },
      signedOut,
    };
    function signedOut(error: unknown): void {
      setReason(error);
      setSession(undefined);
    }
  }, [setting, session, say]);

  const signOut = () => {
    setReason(undefined);
    setSession(undefined);
  };
  return (
    <>
      {problem !== undefined && (
        <main class="card stack">
          <h1>The console can’t begin</h1>
          <Problem error={problem} />
          <button type="button" class="tool primary" onClick={() => location.reload()}>
            Try again
          </button>
        </main>
      )}
      {problem === undefined && !setting && <p class="waiting">Loading…</p>}
      {setting && !app && (
        <SignIn reason={reason} loginUrl={undefined} signIn={async (token) => setSession(await beginSession(token))} />
      )}
      {setting && app && (
        <AppProvider value={app}>
          <SignedIn usual={setting.default_user ?? 'me'} signOut={app.needsToken ? signOut : undefined} />
        </AppProvider>
      )}
      <Notices notices={notices} dismiss={dismiss} />
    </>
  );
}

const place = document.querySelector('#console');
if (place) {
  place.replaceChildren();
  render(<Console />, place);
}
