import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cookieNames, isOurCookie } from '../../src/access/cookies/cookieNames.ts';
import { cookieValues, withoutCookies } from '../../src/access/cookies/readCookies.ts';
import { controllerScope, setCookie, workbenchScope } from '../../src/access/cookies/setCookie.ts';
import { type BaseUrl, parseBaseUrl } from '../../src/access/hosts/baseUrl.ts';

const WID = '0123456789abcdef0';
const base = (text: string) => parseBaseUrl(text) as BaseUrl;

describe('reading a cookie', () => {
  test.each<[string, string[]]>([
    ['__Host-wb=a', ['a']],
    ['x=1; __Host-wb=tossed; __Host-wb=ours; y=2', ['tossed', 'ours']],
    ['x=__Host-wb=a', []],
    ['__Host-wb-nonce=a;__Host-wbx=b', []],
    ['__host-wb=a', []],
    [' __Host-wb = a=b ;', ['a=b']],
    ['', []],
  ])('%s gives %j', (header, values) => {
    expect(cookieValues(header, '__Host-wb')).toEqual(values);
  });
});

describe('taking cookies out', () => {
  test.each<[string, string | undefined]>([
    ['a=1; __Host-wb=x; b=2', 'a=1; b=2'],
    ['__Host-wb=x; b=2', 'b=2'],
    ['a=1;a=1 ;  a="2;__Host-wb=x', 'a=1;a=1 ;  a="2'],
    ['__Host-wb=x', undefined],
    ['__Host-wb=x; __Host-wb-nonce=y; wb_0123456789abcdef0=z; wb_0123456789abcdef0_nonce=n', undefined],
    // A nameless cookie, which some send as its value alone.
    ['a=1; =__Host-wb=x; __Host-wb', 'a=1'],
    ['wb_=1; wb_xyz=2; wb-other=3; __Host-other=4', 'wb_=1; wb_xyz=2; wb-other=3; __Host-other=4'],
    ['', ''],
  ])('%j leaves %j', (header, rest) => {
    expect(withoutCookies(header, isOurCookie)).toBe(rest);
  });

  test('leaves the others byte for byte, in their order, whatever they are', () => {
    const other = fc.string({ unit: fc.constantFrom(...'ab=" \t\u00e9,;') }).filter((text) => !/wb/.test(text));
    fc.assert(
      fc.property(fc.array(other), fc.array(other), (before, after) => {
        const header = [...before, ' __Host-wb=x', ...after].join(';');
        const rest = withoutCookies(header, isOurCookie) ?? '';
        expect(rest).toBe([...before, ...after].join(';').replace(/^[ \t]+/, ''));
      }),
    );
  });
});

describe('setting a cookie', () => {
  test.each([
    ['https://{wid}.wb.example.net', false, '__Host-wb=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure'],
    ['http://{wid}.localhost:8999', false, '__Host-wb=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure'],
    [
      'https://{wid}.wb.example.net',
      true,
      '__Host-wb=v; Path=/; Max-Age=60; HttpOnly; SameSite=None; Secure; Partitioned',
    ],
    ['https://h/project', false, `wb_${WID}=v; Path=/project/${WID}/; Max-Age=60; HttpOnly; SameSite=Lax; Secure`],
    [
      'http://localhost:1/project',
      false,
      `wb_${WID}=v; Path=/project/${WID}/; Max-Age=60; HttpOnly; SameSite=Lax; Secure`,
    ],
    [
      'http://127.0.0.1/project',
      false,
      `wb_${WID}=v; Path=/project/${WID}/; Max-Age=60; HttpOnly; SameSite=Lax; Secure`,
    ],
    ['http://192.168.1.9/project', false, `wb_${WID}=v; Path=/project/${WID}/; Max-Age=60; HttpOnly; SameSite=Lax`],
    ['http://192.168.1.9/project', true, `wb_${WID}=v; Path=/project/${WID}/; Max-Age=60; HttpOnly; SameSite=Lax`],
    ['https://h', false, `wb_${WID}=v; Path=/${WID}/; Max-Age=60; HttpOnly; SameSite=Lax; Secure`],
  ])('at %s, framed by others: %p', (url, framed, expected) => {
    const name = cookieNames(base(url)).session(WID);
    expect(setCookie(name, 'v', workbenchScope(base(url), WID, framed), 60)).toBe(expected);
    expect(isOurCookie(name)).toBe(true);
    expect(isOurCookie(cookieNames(base(url)).nonce(WID))).toBe(true);
  });

  test('takes one away with an age of nothing, and never asks for less', () => {
    expect(setCookie('a', '', controllerScope('http://lan:8999/api'), -5)).toBe(
      'a=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax',
    );
  });
});
