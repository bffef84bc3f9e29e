import { AnswerError, type AnswerHead, readAnswerHead, readFields } from './answerHead.ts';

/** Told of an answer as it comes. */
export interface AnswerSink {
  /** 1xx but 101: more will follow. */
  interim(head: AnswerHead): void;
  head(head: AnswerHead): void;
  data(chunk: Buffer): void;
  end(trailers: string[]): void;
}

type State = 'head' | 'length' | 'toEnd' | 'size' | 'chunk' | 'chunkEnd' | 'trailers' | 'done';

/** IDEs set many and long cookies; node's own 16 KB are too few for some. */
const MOST_HEAD_BYTES = 64 * 1024;
const MOST_LINE_BYTES = 4 * 1024;
const sizePattern = /^([0-9a-fA-F]{1,12})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;
const none: Buffer = Buffer.alloc(0);

/**
 * Reads one answer of a task, strictly: no folded headers, no bare LF, no second length, no coding but chunked. A task
 * speaks to its own user alone through this, over connections that no other task shares.
 */
export class AnswerParser {
  readonly #sink: AnswerSink;
  readonly #headOnly: boolean;
  #state: State = 'head';
  #rest: Buffer = none;
  #left = 0;
  #keepAlive = false;

  constructor(sink: AnswerSink, method: string | undefined) {
    this.#sink = sink;
    this.#headOnly = method === 'HEAD';
  }

  get complete(): boolean {
    return this.#state === 'done';
  }

  /** Whether the connection may serve another request: the answer is over, and nothing came after it. */
  get reusable(): boolean {
    return this.complete && this.#keepAlive && this.#rest.length === 0;
  }

  /** What came after an answer's end; after 101 it is of the other protocol. */
  get rest(): Buffer {
    return this.#rest;
  }

  /** @throws AnswerError */
  read(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = none;
    while (bytes.length > 0 && this.#state !== 'done') {
      const used = this.#step(bytes);
      if (used === 0) break;
      bytes = used === bytes.length ? none : bytes.subarray(used);
    }
    this.#rest = bytes;
  }

  /** The connection has ended: whether that is how this answer ends. */
  close(): boolean {
    if (this.#state !== 'toEnd') return false;
    this.#end([]);
    return true;
  }

  /** @returns how many bytes were used; 0: more are needed */
  #step(bytes: Buffer): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes);
      case 'toEnd':
        this.#sink.data(bytes);
        return bytes.length;
      case 'length':
      case 'chunk': {
        const part = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes;
        this.#left -= part.length;
        this.#sink.data(part);
        if (this.#left === 0) {
          if (this.#state === 'chunk') this.#state = 'chunkEnd';
          else this.#end([]);
        }
        return part.length;
      }
      case 'chunkEnd': {
        const line = lineOf(bytes, 2);
        if (line === undefined) return 0;
        if (line !== '') throw new AnswerError('A chunk is longer than it says');
        this.#state = 'size';
        return 2;
      }
      case 'size':
        return this.#readSize(bytes);
      case 'trailers':
        return this.#readTrailers(bytes);
      case 'done':
        return 0;
    }
  }

  #readHead(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0 ? bytes.length > MOST_HEAD_BYTES : end > MOST_HEAD_BYTES) throw new AnswerError('Too long a head');
    if (end < 0) return 0;
    const head = readAnswerHead(bytes.toString('latin1', 0, end + 2));
    const { status, length, chunked } = head;
    if (status < 200 && status !== 101) {
      this.#sink.interim(head);
      return end + 4;
    }
    this.#keepAlive = head.keepAlive;
    const empty = this.#headOnly || status === 101 || status === 204 || status === 304 || length === 0;
    if (!empty && !chunked && length === undefined) this.#keepAlive = false;
    this.#left = length ?? 0;
    this.#state = chunked ? 'size' : length === undefined ? 'toEnd' : 'length';
    this.#sink.head(head);
    if (empty) this.#end([]);
    return end + 4;
  }

  #readSize(bytes: Buffer): number {
    const line = lineOf(bytes, MOST_LINE_BYTES);
    if (line === undefined) return 0;
    const digits = sizePattern.exec(line)?.[1];
    if (digits === undefined) throw new AnswerError('No chunk’s size');
    this.#left = Number.parseInt(digits, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    return line.length + 2;
  }

  #readTrailers(bytes: Buffer): number {
    const none = bytes.length >= 2 && bytes[0] === 13 && bytes[1] === 10;
    const end = none ? -2 : bytes.indexOf('\r\n\r\n');
    if (end === -1) {
      if (bytes.length > MOST_HEAD_BYTES) throw new AnswerError('Too long trailers');
      return 0;
    }
    this.#end(none ? [] : readFields(bytes.toString('latin1', 0, end + 2)));
    return end + 4;
  }

  #end(trailers: string[]): void {
    this.#state = 'done';
    this.#sink.end(trailers);
  }
}

/** @returns the first line without its end, or undefined if it has not come whole */
function lineOf(bytes: Buffer, most: number): string | undefined {
  const end = bytes.indexOf('\r\n');
  if (end < 0 ? bytes.length > most : end > most) throw new AnswerError('Too long a line');
  return end < 0 ? undefined : bytes.toString('latin1', 0, end);
}
