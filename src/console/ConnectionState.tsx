import type { Connection, Shown } from './live.ts';

const texts: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  polling: 'Looked at every 2 s',
  lost: 'Connection lost; trying again',
  refused: 'Refused',
};

export function ConnectionState({ shown: { connection } }: Readonly<{ shown: Shown }>) {
  return (
    <span class="connection" data-state={connection}>
      {texts[connection]}
    </span>
  );
}
