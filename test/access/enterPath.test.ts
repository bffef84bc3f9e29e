import { expect, test } from '@jest/globals';
import { enterPath, parseEnterPath } from '../../src/access/login/enterPath.ts';

const workbenchId = '0123456789abcdef0';
const hash = 'h'.repeat(43);
const at = `/auth/enter/${workbenchId}`;

test.each(['/', '/lab?x=1&y=ü#top', '/a%2fb?n=other'])('a way to %s comes back from its path', (next) => {
  const path = enterPath({ workbenchId, hash, next });
  expect(parseEnterPath(path)).toEqual({ workbenchId, hash, next: next.replace('ü', '%C3%BC') });
});

test('a way too long for a cookie leads to the front page', () => {
  expect(parseEnterPath(enterPath({ workbenchId, hash, next: `/${'x'.repeat(1_500)}` }))?.next).toBe('/');
});

test.each([
  ['//evil', '/evil'],
  ['/\\evil', '/evil'],
  ['///', '/'],
  ['https:evil', '/'],
  ['%2f%2fevil', '/'],
  ['/\r\nSet-Cookie: a=b', '/Set-Cookie:%20a=b'],
  ['/"><img>', '/%22%3E%3Cimg%3E'],
  ['/.workbench/enter?t=x', '/'],
])('a way to %j goes no further than %j', (next, becomes) => {
  expect(parseEnterPath(`${at}?${new URLSearchParams({ n: hash, next })}`)?.next).toBe(becomes);
});

test.each([
  at,
  `${at}?n=${'h'.repeat(42)}`,
  `${at}?n=${'.'.repeat(43)}`,
  `/auth/enter/?n=${hash}`,
  `/auth/enter/NOT-HEX-AT-ALL?n=${hash}`,
  `/auth/enter/${workbenchId}/x?n=${hash}`,
  `//evil/auth/enter/${workbenchId}?n=${hash}`,
  '/console/',
])('%s is no way', (path) => {
  expect(parseEnterPath(path)).toBeUndefined();
});
