import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AwsError } from '../awsError.ts';
import type { Collection } from '../operation.ts';
import { LogStream } from './LogStream.ts';

export type LogGroup = Readonly<{ name: string; createdAt: number }>;

const headSchema = z.object({ group: z.string(), name: z.string(), createdAt: z.number() });
/** Longer than any name of a group and a stream. */
const headBytes = 4_096;

/** Groups and their streams, the streams in the order in which they were made. */
export class LogStore {
  readonly #groups: Collection<LogGroup>;
  readonly #dir: string;
  readonly #mostStreams: number;
  readonly #streams = new Map<string, LogStream>();

  /**
   * @param dir holds a file for each stream that has events
   * @param mostStreams of a group: in place of CloudWatch's retention, the oldest give way
   */
  constructor(groups: Collection<LogGroup>, dir: string, mostStreams: number) {
    this.#groups = groups;
    this.#dir = dir;
    this.#mostStreams = mostStreams;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const found = readdirSync(dir).flatMap((file) => readStream(join(dir, file)) ?? []);
    found.sort((one, other) => one.head.createdAt - other.head.createdAt);
    for (const stream of found) this.#streams.set(keyOf(stream.head.group, stream.head.name), stream);
  }

  /** @throws AwsError */
  createGroup(name: string, createdAt: number): void {
    if (this.#groups.get(name)) {
      throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
    }
    this.#groups.set(name, { name, createdAt });
  }

  hasGroup(name: string): boolean {
    return this.#groups.get(name) !== undefined;
  }

  /** The streams of a group by name. @throws AwsError */
  streamsOf(group: string): readonly LogStream[] {
    this.#checkGroup(group);
    return [...this.#streams.values()]
      .filter(({ head }) => head.group === group)
      .sort(({ head: one }, { head: other }) => (one.name < other.name ? -1 : 1));
  }

  /** @throws AwsError */
  get(group: string, name: string): LogStream {
    this.#checkGroup(group);
    const stream = this.#streams.get(keyOf(group, name));
    if (!stream) throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
    return stream;
  }

  /** One that is there is gone on with. @throws AwsError */
  open(group: string, name: string, createdAt: number): LogStream {
    this.#checkGroup(group);
    const key = keyOf(group, name);
    const known = this.#streams.get(key);
    if (known) return known;
    const path = join(this.#dir, `${createHash('sha256').update(key).digest('hex')}.jsonl`);
    const stream = new LogStream({ group, name, createdAt }, path);
    this.#streams.set(key, stream);
    if (this.#streams.size > this.#mostStreams) void this.#removeOldest();
    return stream;
  }

  /** @throws AwsError */
  async remove(group: string, name: string): Promise<void> {
    const stream = this.get(group, name);
    this.#streams.delete(keyOf(group, name));
    await stream.remove();
  }

  async #removeOldest(): Promise<void> {
    const [oldest] = this.#streams;
    if (!oldest) return;
    this.#streams.delete(oldest[0]);
    await oldest[1].remove();
  }

  #checkGroup(group: string): void {
    if (!this.hasGroup(group)) {
      throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
    }
  }
}

function keyOf(group: string, name: string): string {
  return JSON.stringify([group, name]);
}

/** @returns undefined for a file that is none of ours, or was cut off by a crash before its first line was whole */
function readStream(path: string): LogStream | undefined {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(headBytes);
    const text = bytes.toString('utf8', 0, readSync(file, bytes));
    const end = text.indexOf('\n');
    if (end < 0) return undefined;
    const { size, mtimeMs } = fstatSync(file);
    return new LogStream(headSchema.parse(JSON.parse(text.slice(0, end))), path, size, Math.round(mtimeMs));
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}
