import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** `[key, value]` sets, `[key]` deletes. */
type Entry<V> = [key: string, value: V] | [key: string];

/** Superseded lines that are tolerated before the journal is rewritten, beside one for each live key. */
const compactAfter = 20_000;

/**
 * A Map that survives the death of its process: each change is appended to a file of JSON lines before it is visible.
 * The append is not synced to the disk, so it survives SIGKILL but not a power cut. Values must not be changed in place.
 */
export class JournaledMap<V> extends Map<string, V> {
  readonly #file: string;
  #descriptor: number;
  #lines = 0;

  /** Loads the file, or starts an empty one. @throws Error if it is damaged anywhere but in its last line */
  constructor(file: string) {
    super();
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    for (const [key, ...rest] of readJournal<V>(file)) {
      if (rest.length === 0) super.delete(key);
      else super.set(key, rest[0]);
    }
    this.#descriptor = this.#compact();
  }

  override set(key: string, value: V): this {
    this.#append([key, value]);
    return super.set(key, value);
  }

  override delete(key: string): boolean {
    if (!this.has(key)) return false;
    this.#append([key]);
    return super.delete(key);
  }

  override clear(): void {
    for (const key of [...this.keys()]) this.delete(key);
  }

  /** No change is possible afterwards. */
  close(): void {
    closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  #append(entry: Entry<V>): void {
    if (this.#descriptor < 0) throw new Error(`${this.#file} is closed`);
    if (this.#lines >= this.size + compactAfter) {
      closeSync(this.#descriptor);
      this.#descriptor = this.#compact();
    }
    writeSync(this.#descriptor, `${JSON.stringify(entry)}\n`);
    this.#lines += 1;
  }

  /** Replaces the file by one line a key, whole or not at all, and answers a descriptor that appends to it. */
  #compact(): number {
    const temporary = `${this.#file}.new`;
    const descriptor = openSync(temporary, 'w', 0o600);
    writeFileSync(descriptor, [...this.entries()].map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(temporary, this.#file);
    this.#lines = this.size;
    return openSync(this.#file, 'a', 0o600);
  }
}

function readJournal<V>(file: string): Entry<V>[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // What follows the last line feed was being written when the process died: that change never took place.
  return lines.slice(0, -1).map((line, index) => {
    try {
      return JSON.parse(line) as Entry<V>;
    } catch (cause) {
      throw new Error(`${file}: line ${index + 1} is damaged; restore the file or move it away`, { cause });
    }
  });
}
