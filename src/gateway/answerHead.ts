export interface AnswerHead {
  status: number;
  phrase: string;
  /** Names and values in turn, as they came. */
  headers: string[];
  /** How many bytes follow; undefined: told by chunks, or by the connection's end. */
  length: number | undefined;
  chunked: boolean;
  /** The connection may serve another request after this one. */
  keepAlive: boolean;
}

/** What came is not an answer as RFC 9112 has it. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const text = '[\\t\\x20-\\x7e\\x80-\\xff]*';
const headPattern = new RegExp(`^HTTP/1\\.([01]) ([1-9]\\d\\d)(?: ([^\\r\\n]*))?\\r\\n((?:${token}:${text}\\r\\n)*)$`);
const phrasePattern = new RegExp(`^${text}$`);
const fieldsPattern = new RegExp(`^(?:${token}:${text}\\r\\n)*$`);

/**
 * Reads the head of a task's answer, strictly: no folded headers, no bare LF, no second length, no coding but chunked.
 *
 * @param text Latin-1, up to and with the end of its last line
 * @throws AnswerError
 */
export function readAnswerHead(text: string): AnswerHead {
  const [, minor, digits, phrase = '', lines = ''] = headPattern.exec(text) ?? [];
  if (digits === undefined) throw new AnswerError('No head that HTTP knows');
  const headers = fieldsIn(lines);
  const { length, chunked, close } = framingIn(headers);
  // One that HTTP doesn't allow is not worth an answer: nobody reads it.
  const allowed = phrasePattern.test(phrase) ? phrase : '';
  return { status: Number(digits), phrase: allowed, headers, length, chunked, keepAlive: minor === '1' && !close };
}

/** @throws AnswerError */
export function readFields(lines: string): string[] {
  if (!fieldsPattern.test(lines)) throw new AnswerError('No fields that HTTP knows');
  return fieldsIn(lines);
}

/** @param lines that a pattern has let pass */
function fieldsIn(lines: string): string[] {
  const fields: string[] = [];
  for (let from = 0; from < lines.length; ) {
    const colon = lines.indexOf(':', from);
    const end = lines.indexOf('\r\n', colon);
    fields.push(lines.slice(from, colon), trimmed(lines, colon + 1, end));
    from = end + 2;
  }
  return fields;
}

function framingIn(headers: readonly string[]): { length: number | undefined; chunked: boolean; close: boolean } {
  let length: number | undefined;
  let chunked = false;
  let close = false;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    const value = headers[index + 1] ?? '';
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (length !== undefined || !/^\d{1,15}$/.test(value)) throw new AnswerError('Two lengths, or none');
      length = Number(value);
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      if (chunked || value.toLowerCase() !== 'chunked') throw new AnswerError('A coding other than chunked');
      chunked = true;
    } else if (name.length === 10 && name.toLowerCase() === 'connection') {
      close ||= /(^|[,\s])close([,\s]|$)/i.test(value);
    }
  }
  if (chunked && length !== undefined) throw new AnswerError('Both a length and chunks');
  return { length, chunked, close };
}

/** Without the blanks around a value; not those that only Unicode knows. */
function trimmed(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}
