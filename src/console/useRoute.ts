import { useEffect, useState } from 'preact/hooks';

export type Route = Readonly<{ view: 'own' } | { view: 'all' } | { view: 'user'; userId: string }>;

/** What is shown stands behind the `#`, so that it can be kept and sent. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = () => setHash(location.hash);
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  return routeOf(hash);
}

function routeOf(hash: string): Route {
  const user = /^#\/user\/(.+)$/.exec(hash)?.[1];
  if (user !== undefined) return { view: 'user', userId: decoded(user) };
  return { view: hash === '#/all' ? 'all' : 'own' };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
