import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, type Item } from '../client/createClient.ts';
import { useApp } from './App.ts';
import { createLive, type Live, nothingYet } from './live.ts';

/** What a user has, or everybody, as it is now. */
export function useLive(userId: string | undefined, everybody: boolean) {
  const app = useApp();
  const [shown, setShown] = useState(nothingYet);
  const live = useRef<Live | undefined>(undefined);
  const wasLive = useRef(false);
  const { connection, error } = shown;

  useEffect(() => {
    const made = createLive({ client: app.promptClientOf(userId), everybody, show: setShown });
    live.current = made;
    return made.close;
  }, [app, userId, everybody]);

  useEffect(() => {
    if (connection === 'refused' && error instanceof ApiError && error.status === 401) app.signedOut(error);
    if (connection === 'lost' && wasLive.current) {
      app.say({ text: 'The connection is lost. What you see may be old; it is being tried again.' });
    }
    if (connection === 'live' && wasLive.current) app.say({ text: 'Connected again: what you see is as it is now.' });
    if (connection === 'live') wasLive.current = true;
  }, [app, connection, error]);

  const after = async (workbenchId: string | undefined, command: Promise<Item>): Promise<Item> =>
    await (live.current?.after(workbenchId, command) ?? command);
  return { shown, after };
}

export type After = ReturnType<typeof useLive>['after'];
