/** How a message says where its body ends: RFC 9112, 6. Names are told apart by length first: this runs for each request. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** A coding beside or instead of chunked, or chunked twice: two parsers may read it in two ways. */
  | { readonly kind: 'unknown' };

const none: Framing = { kind: 'none' };
const chunked: Framing = { kind: 'chunked' };

/** @param raw names and values in turn, as node's `rawHeaders`, of a message that node's parser has let pass */
export function framingOf(raw: readonly string[]): Framing {
  let framing = none;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      // The parser has refused a second one, and one beside Transfer-Encoding.
      const length = Number(raw[index + 1]);
      if (length > 0) framing = { kind: 'length', length };
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      if (framing !== none || raw[index + 1]?.toLowerCase() !== 'chunked') return { kind: 'unknown' };
      framing = chunked;
    }
  }
  return framing;
}
