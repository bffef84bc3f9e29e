import { useCallback, useState } from 'preact/hooks';
import type { Notice } from './App.ts';

/** Long enough to be read; refusals stay. */
const SHOWN_MS = 8_000;
const MOST = 3;

let lastId = 0;

export function useNotices() {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const dismiss = useCallback((id: number) => setNotices((all) => all.filter((notice) => notice.id !== id)), []);
  const say = useCallback(
    (notice: Omit<Notice, 'id'>) => {
      lastId += 1;
      const id = lastId;
      setNotices((all) => [...all.slice(1 - MOST), { ...notice, id }]);
      if (notice.error === undefined) setTimeout(() => dismiss(id), SHOWN_MS);
    },
    [dismiss],
  );
  return { notices, say, dismiss };
}
