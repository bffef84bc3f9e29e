type Verdict = 'ok' | 'warning' | 'failed';

/** What one check found: a line of the report. */
export type Finding = Readonly<{ verdict: Verdict; check: string; message: string; remedy: string | undefined }>;

export const ok = (check: string, message: string): Finding => ({ verdict: 'ok', check, message, remedy: undefined });

/** It works, or cannot be seen from here; somebody should look. */
export const warning = (check: string, message: string, remedy: string): Finding => ({
  verdict: 'warning',
  check,
  message,
  remedy,
});

export const failed = (check: string, message: string, remedy: string): Finding => ({
  verdict: 'failed',
  check,
  message,
  remedy,
});

/** `failed   cluster        there is none named x. Create it: …` */
export function lineOf({ verdict, check, message, remedy }: Finding): string {
  const text = `${verdict.padEnd(8)} ${check.padEnd(16)} ${message}${remedy === undefined ? '' : `. ${remedy}`}`;
  return text.replaceAll(/\s*\n\s*/g, ' ');
}

export function summaryOf(findings: readonly Finding[]): string {
  const count = (verdict: Verdict): number => findings.filter((finding) => finding.verdict === verdict).length;
  return `${count('ok')} ok, ${count('warning')} to look at, ${count('failed')} failed`;
}
