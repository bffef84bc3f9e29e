import { Writable } from 'node:stream';
import type { LogEvent } from './LogStream.ts';

/** CloudWatch takes no longer message; the driver cuts the line there. */
const longestMessage = 262_118;
const newline = 0x0a;

/**
 * Makes events of what comes from one output of a container, as the awslogs driver does: one a line, without its end; empty ones are left
 * out. What is no UTF-8 is replaced. A line without an end comes with the end of the container.
 */
export function createLogSink(append: (events: readonly LogEvent[]) => Promise<void>, now: () => number): Writable {
  let rest: Buffer = Buffer.alloc(0);

  function eventsOf(lines: readonly Buffer[]): readonly LogEvent[] {
    const timestamp = now();
    return lines.filter(({ length }) => length > 0).map((line) => ({ timestamp, message: line.toString('utf8') }));
  }

  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const { lines, left } = cut(rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk);
      rest = left;
      append(eventsOf(lines)).then(() => done(), done);
    },
    final(done) {
      append(eventsOf([rest])).then(() => done(), done);
    },
  });
  // What comes after the end of the container is nobody's.
  sink.on('error', () => undefined);
  return sink;
}

function cut(bytes: Buffer): Readonly<{ lines: readonly Buffer[]; left: Buffer }> {
  const lines: Buffer[] = [];
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(newline, start);
    const length = (end < 0 ? bytes.length : end) - start;
    if (length > longestMessage) {
      const piece = wholeCharacters(bytes, start, start + longestMessage);
      lines.push(bytes.subarray(start, piece));
      start = piece;
    } else if (end < 0) {
      return { lines, left: Buffer.from(bytes.subarray(start)) };
    } else {
      lines.push(bytes.subarray(start, end));
      start = end + 1;
    }
  }
}

/** Not within a character, which has up to four bytes. */
function wholeCharacters(bytes: Buffer, start: number, end: number): number {
  for (let at = end; at > end - 4 && at > start; at -= 1) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  return end;
}
