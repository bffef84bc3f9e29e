import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromTags, type Tags, toOneTag, toTags } from '../../src/aws/tagText.ts';

/** EFS's own pattern of a tag value. */
const accepted = /^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u;

function expectAccepted(tags: Tags): void {
  for (const [key, value] of Object.entries(tags)) {
    expect(key.length).toBeLessThanOrEqual(128);
    expect(value).toMatch(accepted);
    expect(value.length).toBeLessThanOrEqual(256);
    // Consoles and services trim.
    expect(value).toBe(value.trim());
    expect(value).not.toMatch(/^aws:/iu);
  }
}

const printableAscii = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
/** Any text of a kind, and as often one that begins like what AWS keeps to itself. */
const reserved = (texts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    texts,
    fc.tuple(fc.mixedCase(fc.constant('aws:')), texts).map(([prefix, text]) => prefix + text),
  );
const user = reserved(fc.string({ unit: printableAscii, minLength: 1, maxLength: 124 }));
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }).filter((text) => !/\p{Cs}/u.test(text));
const spaced = fc.string({
  unit: fc.constantFrom('a', ' ', 'é', '=', '"', 'aws:', 'AWS:'),
  minLength: 1,
  maxLength: 2000,
  size: 'max',
});

describe('a text in tags', () => {
  test.each([
    ['ada', 'ada'],
    ['ada@example.com', 'ada@example.com'],
    ['Größe 漢字', 'Größe 漢字'],
    ['a=b', 'a=3Db'],
    ['a, "b"', 'a=2C =22b=22'],
    [' a ', '=20a=20'],
    ['😀', '=F0=9F=98=80'],
    ['e\u0301', 'e=CC=81'],
    ['\u00a0', '=C2=A0'],
    ['100%', '100=25'],
    ['aws:x', 'aws=3Ax'],
    ['AwS:', 'AwS=3A'],
    ['aw\u017f:', 'aw\u017f=3A'],
    [' aws:x', '=20aws:x'],
    ['my aws:x', 'my aws:x'],
  ])('%j is %j', (text, value) => {
    expect(toTags('k', text)).toEqual({ k: value });
  });

  test('too long for one tag takes several, in order', () => {
    const tags = toTags('k', 'x'.repeat(600));
    expect(Object.keys(tags)).toEqual(['k', 'k.2', 'k.3']);
    expect(fromTags('k', tags)).toBe('x'.repeat(600));
  });

  test.each([252, 253, 255, 256, 257])(
    'with a blank, or what AWS keeps to itself, from character %i, where it may be cut, is accepted and never trimmed',
    (place) => {
      for (const cut of [' ', 'aws:', ' Aws: ']) {
        const text = `${'x'.repeat(place - 1)}${cut}${'y'.repeat(300)}`;
        const tags = toTags('k', text);
        expectAccepted(tags);
        expect(fromTags('k', tags)).toBe(text);
      }
    },
  );

  test.each([
    ['user', user],
    ['name', name],
    ['long text with blanks', spaced],
  ])('comes back as it was, in tags that EFS accepts: any %s', (_kind, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        const tags = toTags('workbench:name', text);
        expectAccepted(tags);
        expect(fromTags('workbench:name', tags)).toBe(text);
      }),
      { numRuns: 100 },
    );
  });

  test('differs from every other text’s, so that no user is taken for another', () => {
    fc.assert(
      fc.property(user, user, (one, other) => {
        fc.pre(one !== other);
        expect(toTags('k', one)).not.toEqual(toTags('k', other));
      }),
    );
  });
});

describe('one tag of a text', () => {
  test('holds the longest start that fits, and is accepted by EFS', () => {
    fc.assert(
      fc.property(fc.oneof(user, name, spaced), (text) => {
        const value = toOneTag(text);
        expectAccepted({ k: value });
        const back = fromTags('k', { k: value });
        expect(back !== undefined && text.startsWith(back)).toBe(true);
        if (text.length < 20) expect(back).toBe(text);
      }),
      { numRuns: 100 },
    );
  });
});

test('tags as an earlier version wrote them, their beginnings not escaped, are read as they were', () => {
  expect(fromTags('k', { k: 'aws:bob' })).toBe('aws:bob');
  expect(fromTags('k', { k: `${'x'.repeat(252)}`, 'k.2': 'AWS:y' })).toBe(`${'x'.repeat(252)}AWS:y`);
});

describe('tags that nobody of us wrote', () => {
  test.each([
    ['no such tag', {}, undefined],
    ['a broken escape', { k: 'a=ZZ' }, undefined],
    ['bytes that are no UTF-8', { k: '=FF=FE' }, undefined],
    ['a percent sign', { k: '100%41' }, '100%41'],
    ['a later piece alone', { 'k.2': 'x' }, undefined],
  ])('with %s are read without an error', (_kind, tags: Tags, text) => {
    expect(fromTags('k', tags)).toBe(text);
  });
});
