import { useState } from 'preact/hooks';
import { useApp } from './App.ts';

/**
 * Browsers have a clipboard on https and localhost alone; elsewhere the text is there to be marked.
 * @param of the id of what says which call it is, where several are side by side
 */
export function CopyButton({ text, of }: Readonly<{ text: () => string; of?: string }>) {
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
    <button type="button" class="tool quiet" aria-describedby={of} onClick={copy}>
      {copied ? 'Copied' : 'Copy as curl'}
    </button>
  );
}
