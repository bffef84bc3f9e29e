/**
 * The text of a file as a text area can hold it, or undefined if it is no UTF-8 text. A text area knows only LF: the
 * file's own line ends are kept in `lineEnd` and put back by `encode`.
 */
export function decode(bytes) {
  if (bytes.includes(0)) return undefined;
  let raw;
  try {
    raw = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
  const crlf = raw.match(/\r\n/g)?.length ?? 0;
  const all = raw.match(/\r\n|\r|\n/g)?.length ?? 0;
  const lineEnd = crlf > 0 && crlf === all ? '\r\n' : '\n';
  const text = raw.replace(/\r\n?/g, '\n');
  return { text, lineEnd, mixed: encode(text, lineEnd) !== raw };
}

export const encode = (text, lineEnd) => (lineEnd === '\n' ? text : text.replaceAll('\n', lineEnd));
