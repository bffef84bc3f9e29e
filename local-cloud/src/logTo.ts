import type { WriteStream } from 'node:tty';
import type { Logger } from './Logger.ts';

const levels = ['debug', 'info', 'warn', 'error'];

/** From this level on, and nothing where it is none of them: JSON lines, or lines for people where one reads them. */
export function logTo(output: Pick<WriteStream, 'write'> & { isTTY?: boolean }, level: string): Logger {
  const from = level === 'trace' ? 0 : levels.indexOf(level);
  const log = (index: number) => (fields: object, message: string) => {
    if (from < 0 || index < from) return;
    const time = new Date().toISOString();
    const told = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
    output.write(
      output.isTTY
        ? `${time.slice(11, 19)} ${levels[index]} ${message} ${JSON.stringify(told)}\n`
        : `${JSON.stringify({ level: levels[index], time, ...told, msg: message })}\n`,
    );
  };
  return { debug: log(0), info: log(1), warn: log(2), error: log(3) };
}

function plain(value: unknown): unknown {
  return value instanceof Error ? { type: value.name, message: value.message, stack: value.stack } : value;
}
