/**
 * Reads what a task gets as RFC 9112 has it and in no other way: whatever is not exactly that is a fault. It shares
 * nothing with the parser that the gateway uses.
 */
export class StrictParser {
  /** The targets of the requests, in their order. */
  readonly targets: string[] = [];
  fault: string | undefined;
  #text = '';

  read(chunk: Buffer): void {
    this.#text += chunk.toString('latin1');
    while (!this.fault && this.#one());
  }

  /** Whether something has begun that has not come whole. */
  get midway(): boolean {
    return this.#text !== '';
  }

  #one(): boolean {
    const end = this.#text.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const head = this.#text.slice(0, end + 2);
    const request =
      /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ (\/[\x21-\x7e]*) HTTP\/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t \x21-\x7e\x80-\xff]*\r\n)*)$/.exec(
        head,
      );
    if (!request) return this.#fail(`no request: ${JSON.stringify(head)}`);
    const values = (name: string) =>
      [...(request[2] ?? '').matchAll(new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r$`, 'gim'))].map(
        ([, value]) => value ?? '',
      );
    const lengths = values('content-length');
    const codings = values('transfer-encoding');
    if (values('host').length > 1) return this.#fail('two hosts');
    if (lengths.length + codings.length > 1) return this.#fail(`framed twice: ${JSON.stringify(head)}`);
    const rest = this.#text.slice(end + 4);
    let left: string | undefined;
    if (codings.length > 0) {
      if (codings[0]?.toLowerCase() !== 'chunked') return this.#fail(`coding ${codings[0]}`);
      left = this.#afterChunks(rest);
    } else {
      if (lengths.length > 0 && !/^\d+$/.test(lengths[0] ?? '')) return this.#fail(`length ${lengths[0]}`);
      const length = Number(lengths[0] ?? 0);
      if (rest.length >= length) left = rest.slice(length);
    }
    if (left === undefined) return false;
    this.targets.push(request[1] ?? '');
    this.#text = left;
    return this.#text !== '';
  }

  #afterChunks(text: string): string | undefined {
    let rest = text;
    for (;;) {
      const size = /^([0-9a-fA-F]{1,8})\r\n/.exec(rest);
      if (!size) {
        if (rest.includes('\r\n')) this.#fail(`chunk: ${JSON.stringify(rest.slice(0, 40))}`);
        return undefined;
      }
      rest = rest.slice(size[0].length);
      const length = Number.parseInt(size[1] ?? '', 16);
      if (length === 0) {
        const trailers = /^(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t \x21-\x7e\x80-\xff]*\r\n)*\r\n/.exec(rest);
        return trailers ? rest.slice(trailers[0].length) : undefined;
      }
      if (rest.length < length + 2) return undefined;
      if (rest.slice(length, length + 2) !== '\r\n') this.#fail('chunk without its end');
      rest = rest.slice(length + 2);
    }
  }

  #fail(fault: string): false {
    this.fault = fault;
    return false;
  }
}
