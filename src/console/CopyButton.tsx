import { useState } from 'preact/hooks';
import { useApp } from './App.ts';

/** Browsers have a clipboard on https and localhost alone; elsewhere the text is there to be marked. */
export function CopyButton({ text, of, children }: Readonly<{ text: () => string; of: string; children: string }>) {
  const { say } = useApp();
  const [copied, setCopied] = useState(false);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text());
      setCopied(true);
      setTimeout(() => setCopied(false), 2_000);
    } catch {
      say({ text: `The browser lets nothing be copied here. ${text()}` });
    }
  }

  return (
    <button type="button" class="tool quiet" aria-label={`${children}: ${of}`} onClick={copy}>
      {copied ? 'Copied' : children}
    </button>
  );
}
