/** What users may write. Held to where a request comes in, and where a record is read that anybody may have edited. */

const userIdPattern = /^[\x20-\x7e]{1,128}$/;

/** Letters, marks, digits, punctuation, symbols, spaces and the joiners of scripts and emoji; nothing that can't be seen. */
const printable = /^(?:[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]|\u200c|\u200d|[\u{e0020}-\u{e007f}])+$/u;

export function isUserId(text: string): boolean {
  return userIdPattern.test(text);
}

export function isNameLength(text: string): boolean {
  const { length } = [...text];
  return length >= 1 && length <= 64;
}

export function isPrintable(text: string): boolean {
  return printable.test(text) && text.trim() !== '';
}
