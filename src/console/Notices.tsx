import type { Notice } from './App.ts';
import { Problem } from './Problem.tsx';

/** The one place that screen readers are told of. Refusals stay until they are taken away. */
export function Notices({ notices, dismiss }: Readonly<{ notices: readonly Notice[]; dismiss: (id: number) => void }>) {
  return (
    <div class="notices" role="log" aria-live="polite" aria-label="Messages">
      {notices.map(({ id, text, error, link }) => (
        <div key={id} class={error === undefined ? 'notice' : 'notice bad'}>
          <div>
            <p>
              <bdi>{text}</bdi>{' '}
              {link && (
                <a href={link.url} target="_blank" rel="noopener">
                  {link.text}
                </a>
              )}
            </p>
            {error !== undefined && <Problem error={error} />}
          </div>
          <button type="button" class="tool quiet" onClick={() => dismiss(id)} aria-label="Dismiss message">
            ✕
          </button>
        </div>
      ))}
    </div>
  );
}
