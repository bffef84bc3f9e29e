import { appendFile, open, rm } from 'node:fs/promises';

export type LogEvent = Readonly<{ timestamp: number; message: string }>;

/** Which events: at most so many, at most 1 MB of them, and only those from `startTime` up to before `endTime`. */
export type EventsWanted = Readonly<{ limit: number; startTime: number; endTime: number }>;

/** Events in their order, and where the pages before and after them begin: offsets in the file. */
export type EventPage = Readonly<{ events: readonly LogEvent[]; before: number; after: number }>;

export type StreamHead = Readonly<{ group: string; name: string; createdAt: number }>;

type StoredLine = Readonly<{ offset: number; end: number; event: LogEvent }>;

const mostBytes = 1024 * 1024;
/** What CloudWatch counts for an event beside its message. */
const eventOverhead = 26;
/** What a page is taken from: more than the longest line can be, whatever has to be escaped in it. */
const windowBytes = 2 * 1024 * 1024;
const newline = 0x0a;

/** A log stream as a file that only grows: a line that says what it is, and a line for each event. */
export class LogStream {
  readonly head: StreamHead;
  readonly #path: string;
  #first: number;
  #size: number;
  #removed = false;
  #writing: Promise<void> = Promise.resolve();
  firstEventAt: number | undefined;
  lastEventAt: number | undefined;

  /** @param size of the file that there is already; 0: it is made with the first event */
  constructor(head: StreamHead, path: string, size = 0, lastEventAt?: number) {
    this.head = head;
    this.#path = path;
    this.#first = Buffer.byteLength(headLine(head));
    this.#size = size;
    this.firstEventAt = lastEventAt === undefined ? undefined : head.createdAt;
    this.lastEventAt = lastEventAt;
  }

  /** Nothing is kept of what comes after the removal. */
  async append(events: readonly LogEvent[]): Promise<void> {
    const written = this.#writing.then(() => this.#write(events));
    this.#writing = written.catch(() => undefined);
    await written;
  }

  async #write(events: readonly LogEvent[]): Promise<void> {
    const last = events.at(-1);
    if (last === undefined || this.#removed) return;
    const lines = events.map(({ timestamp, message }) => `${JSON.stringify([timestamp, message])}\n`).join('');
    const text = this.#size === 0 ? headLine(this.head) + lines : lines;
    await appendFile(this.#path, text, { mode: 0o600 });
    this.#size += Buffer.byteLength(text);
    this.firstEventAt ??= events[0]?.timestamp;
    this.lastEventAt = last.timestamp;
  }

  async remove(): Promise<void> {
    this.#removed = true;
    await this.#writing;
    await rm(this.#path, { force: true });
  }

  /** The last events before an offset. @param offset undefined: the end */
  async eventsBefore(offset: number | undefined, wanted: EventsWanted): Promise<EventPage> {
    const end = this.#within(offset ?? this.#size);
    const begin = Math.max(this.#first, end - windowBytes);
    const lines = await this.#linesIn(begin, end);
    const { events, visited } = choose([...lines].reverse(), wanted);
    return { events: [...events].reverse(), before: visited.at(-1)?.offset ?? begin, after: end };
  }

  /** The first events from an offset on. @param offset undefined: the beginning */
  async eventsFrom(offset: number | undefined, wanted: EventsWanted): Promise<EventPage> {
    const begin = this.#within(offset ?? this.#first);
    const lines = await this.#linesIn(begin, Math.min(this.#size, begin + windowBytes));
    const { events, visited } = choose(lines, wanted);
    return { events, before: begin, after: visited.at(-1)?.end ?? begin };
  }

  #within(offset: number): number {
    return Math.max(this.#first, Math.min(offset, this.#size));
  }

  /** The whole lines. One that began before `begin`, or goes on after `end`, is another page's. */
  async #linesIn(begin: number, end: number): Promise<readonly StoredLine[]> {
    if (end <= begin) return [];
    const file = await open(this.#path, 'r');
    try {
      // With the byte before: a line begins after a newline.
      const { buffer, bytesRead } = await file.read(Buffer.alloc(end - begin + 1), 0, end - begin + 1, begin - 1);
      return [...linesOf(buffer.subarray(0, bytesRead), begin - 1)];
    } finally {
      await file.close();
    }
  }
}

function headLine({ group, name, createdAt }: StreamHead): string {
  return `${JSON.stringify({ group, name, createdAt })}\n`;
}

function* linesOf(bytes: Buffer, at: number): Generator<StoredLine> {
  let start = bytes.indexOf(newline) + 1;
  for (let stop = bytes.indexOf(newline, start); start > 0 && stop >= 0; stop = bytes.indexOf(newline, start)) {
    const [timestamp, message] = JSON.parse(bytes.toString('utf8', start, stop)) as [number, string];
    yield { offset: at + start, end: at + stop + 1, event: { timestamp, message } };
    start = stop + 1;
  }
}

function choose(lines: readonly StoredLine[], { limit, startTime, endTime }: EventsWanted) {
  const events: LogEvent[] = [];
  const visited: StoredLine[] = [];
  let bytes = 0;
  for (const line of lines) {
    const { timestamp, message } = line.event;
    const fits = timestamp >= startTime && timestamp < endTime;
    bytes += fits ? Buffer.byteLength(message) + eventOverhead : 0;
    if (events.length === limit || bytes > mostBytes) break;
    visited.push(line);
    if (fits) events.push(line.event);
  }
  return { events, visited };
}
