import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The documents are beside the sources, not beside what was built of them. */
const docs = new URL('../../../../docs/', import.meta.url);

export function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const date = new Date().toISOString().slice(0, 10);
  return `${cpu?.model.trim()}, ${cpus().length} cores, ${memory} GiB, node ${process.version}, ${process.platform}; ${date}`;
}

/** Replaces what stands between the markers of that name in docs/performance.md. */
export function writeReport(name: string, content: string): void {
  const file = fileURLToPath(new URL('performance.md', docs));
  const begin = `<!-- ${name}: begin -->`;
  const end = `<!-- ${name}: end -->`;
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file} has no markers ${begin} and ${end}`);
  writeFileSync(file, `${text.slice(0, from)}${begin}\n${content}\n${text.slice(to)}`);
  process.stderr.write(`written into ${file}\n`);
}

export function writePlot(name: string, svg: string): void {
  writeFileSync(fileURLToPath(new URL(name, docs)), svg);
}

export function progress(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
