/**
 * Tag values take `\p{L}\p{Z}\p{N}_.:/=+-@` and 256 characters (EFS and ECS models). Any text fits them here:
 * what a tag doesn't take is written as the bytes of its UTF-8, `=F0=9F=98=80`, and what is too long is cut into
 * several tags. Characters that services could fold or trim (blanks but inner spaces, letters beyond the BMP) are escaped too.
 * ECS takes no value that begins with `aws:`, in any case: the colon of such a beginning is escaped.
 */
const plain = /^[\p{L}\p{N}_.:/+\-@ ]$/u;
const VALUE_LENGTH = 256;
/** Leaves room for what is escaped at each end, which takes two characters more. */
const PIECE = /.{1,252}/gu;

export type Tags = Readonly<Record<string, string>>;

const escapeCharacter = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

/** Of a value of its own: a cut can bring to the edge what was inside. In Unicode mode, as services may fold `ſ` to `s`. */
const escapeEdges = (piece: string): string => piece.replaceAll(/^ | $/g, '=20').replace(/^(aws):/iu, '$1=3A');

function escapeText(text: string): string {
  const escaped = [...text].map((character) =>
    plain.test(character) && character.length === 1 ? character : escapeCharacter(character),
  );
  return escapeEdges(escaped.join(''));
}

/** The text as one tag, or as several: `key`, `key.2`, `key.3`, … */
export function toTags(key: string, text: string): Tags {
  const escaped = escapeText(text);
  const pieces = escaped.length <= VALUE_LENGTH ? [escaped] : (escaped.match(PIECE) ?? []).map(escapeEdges);
  return Object.fromEntries(pieces.map((piece, index) => [index === 0 ? key : `${key}.${index + 1}`, piece]));
}

/** The same in place of a text that may have taken more tags: those stay, and an empty one before them ends it. */
export function toTagsInPlace(key: string, text: string): Tags {
  const tags = toTags(key, text);
  return { ...tags, [`${key}.${Object.keys(tags).length + 1}`]: '' };
}

/** The longest start of the text that fits one tag, for what people read and no program does. */
export function toOneTag(text: string): string {
  let fitting = '';
  for (const character of text) {
    if (escapeText(fitting + character).length > VALUE_LENGTH) break;
    fitting += character;
  }
  return escapeText(fitting);
}

/** @returns undefined if there is no such tag, or it isn't one that toTags made */
export function fromTags(key: string, tags: Tags): string | undefined {
  let escaped = tags[key];
  if (escaped === undefined) return undefined;
  for (let part = 2; ; part++) {
    const piece = tags[`${key}.${part}`];
    if (!piece) break;
    escaped += piece;
  }
  try {
    return decodeURIComponent(escaped.replaceAll('%', '%25').replaceAll('=', '%'));
  } catch {
    return undefined;
  }
}
