import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nextPath, parseNextPath } from '../../src/access/entry/nextPath.ts';

describe('where to go next', () => {
  test.each<[unknown, string]>([
    ['/lab/tree/a%20b?x=1&y=2#part', '/lab/tree/a%20b?x=1&y=2#part'],
    ['/', '/'],
    ['//evil.com', '/evil.com'],
    ['///evil.com', '/evil.com'],
    ['/\\evil.com', '/evil.com'],
    ['\\\\evil.com', '/evil.com'],
    ['/\t/evil.com', '/evil.com'],
    ['/\r\n//evil.com', '/evil.com'],
    ['/.//evil.com', '/evil.com'],
    ['/..//evil.com/..//evil.com', '/evil.com'],
    ['/%2f%2fevil.com', '/%2f%2fevil.com'],
    ['/a\r\nSet-Cookie: x=1', '/aSet-Cookie:%20x=1'],
    ['/../../other', '/other'],
    ['/%2e%2e/other', '/other'],
    ['/"><img src=x>', '/%22%3E%3Cimg%20src=x%3E'],
    ['/?q="><img>\'', '/?q=%22%3E%3Cimg%3E%27'],
    ['/ü', '/%C3%BC'],
    // Not a path, so nowhere but the front page.
    ['https:evil.com', '/'],
    ['https://evil.com', '/'],
    ['javascript:alert(1)', '/'],
    ['%2f%2fevil.com', '/'],
    [' //evil.com', '/'],
    ['', '/'],
    [undefined, '/'],
    [['/a', '/b'], '/'],
    [`/${'a'.repeat(5000)}`, '/'],
    // A ticket must not lead to the next.
    ['/.workbench/enter?t=x', '/'],
    ['//.workbench/enter?t=x', '/'],
    ['/.workbench', '/'],
    ['/.workbenches', '/.workbenches'],
  ])('%j leads to %s', (given, path) => {
    expect(nextPath(given)).toBe(path);
  });

  test('is always a path of the host it is used at, of printable characters, and stays what it is', () => {
    const hostile = fc.string({ unit: fc.constantFrom(...'/\\.%2e2f:@?#\t\r\n a"<>\u0000\u00e9') });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          hostile,
          hostile.map((text) => `/${text}`),
        ),
        (text) => {
          const path = nextPath(text);
          expect(new URL(path, 'https://w.example').origin).toBe('https://w.example');
          expect(path).toMatch(/^\/(?!\/)[\x21-\x7e]*$/);
          expect(path).not.toMatch(/["<>]/);
          expect(nextPath(path)).toBe(path);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('that is no path can be told', () => {
    expect(parseNextPath('lab')).toBeUndefined();
    expect(parseNextPath('/lab')).toBe('/lab');
  });
});
