import { useState } from 'preact/hooks';
import { useApp } from './App.ts';
import { OperatorView } from './OperatorView.tsx';
import { Refused, UserView } from './UserView.tsx';
import { useRoute } from './useRoute.ts';

/** Which user this browser acted for last, where nothing else says it. */
const REMEMBERED = 'workbench-console-user';

/** @param signOut undefined: there is nothing to sign out of */
export function SignedIn({ usual, signOut }: Readonly<{ usual: string; signOut: (() => void) | undefined }>) {
  const { me } = useApp();
  const route = useRoute();
  const [remembered, setRemembered] = useState(() => localStorage.getItem(REMEMBERED) ?? usual);
  const own = me.user_id ?? remembered;

  function remember(userId: string): void {
    localStorage.setItem(REMEMBERED, userId);
    setRemembered(userId);
    location.hash = '#/';
  }

  const link = (view: string, href: string, text: string) => (
    <a href={href} aria-current={route.view === view ? 'page' : undefined}>
      {text}
    </a>
  );
  return (
    <>
      <header>
        <img src="icon.svg" alt="" width="26" height="26" />
        <nav aria-label="Views">
          {link('own', '#/', 'Mine')}
          {me.operator && link('all', '#/all', 'Everybody’s')}
          <a href="../docs/">API</a>
        </nav>
        {me.user_id === undefined ? (
          <UserField key={own} own={own} remember={remember} />
        ) : (
          <span class="user">
            <bdi>{me.user_id}</bdi>
          </span>
        )}
        {signOut && (
          <button type="button" class="tool" onClick={signOut}>
            Sign out
          </button>
        )}
      </header>
      {route.view === 'all' &&
        (me.operator ? <OperatorView /> : <Refused error={new Error('This is for operators.')} />)}
      {route.view === 'own' && <UserView key={own} userId={own} />}
      {route.view === 'user' && <UserView key={route.userId} userId={route.userId} />}
    </>
  );
}

function UserField({ own, remember }: Readonly<{ own: string; remember: (userId: string) => void }>) {
  const [typed, setTyped] = useState(own);
  const submit = () => typed.trim() !== '' && typed !== own && remember(typed.trim());
  return (
    <form
      class="acting"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label>
        User
        <input
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
          onChange={submit}
          maxLength={128}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
    </form>
  );
}
