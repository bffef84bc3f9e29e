/** A line of the table: how the figure compares first, what it is made of after. */
export type Row = Readonly<{
  what: string;
  /** `1.32 ×`, or empty where there is nothing to compare with. */
  ratio: string;
  figures: string;
  /** What was to be reached, and whether it was; undefined: nothing was set. */
  goal?: Readonly<{ text: string; reached: boolean }>;
}>;

export function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(2) : count(value)} ms`;
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

export function markdownTable(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const all = [head, ...lines];
  const widths = head.map((_title, column) => Math.max(...all.map((line) => (line[column] ?? '').length)));
  const text = (line: readonly string[]) =>
    `| ${widths.map((width, column) => (line[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [text(head), rule, ...lines.map(text)].join('\n');
}

export function rowTable(rows: readonly Row[]): string {
  return markdownTable(
    ['what', 'ratio', 'figures', 'goal'],
    rows.map(({ what, ratio, figures, goal }) => [
      what,
      ratio,
      figures,
      goal ? `${goal.text}: ${goal.reached ? 'reached' : 'missed'}` : '',
    ]),
  );
}
