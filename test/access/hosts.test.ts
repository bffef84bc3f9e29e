import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAuthority } from '../../src/access/hosts/authority.ts';
import { type BaseUrl, basePathOf, endpointOf, originOf, parseBaseUrl } from '../../src/access/hosts/baseUrl.ts';
import { createClassifyHost, type HostRules } from '../../src/access/hosts/hostKind.ts';
import { readTarget } from '../../src/access/hosts/readTarget.ts';
import { isTrusted, parseTrustedProxies } from '../../src/access/hosts/trustedProxies.ts';

const WID = '0123456789abcdef0';
const base = (text: string) => parseBaseUrl(text) as BaseUrl;
const SUB = base('https://{wid}.wb.example.net');
const DASH = base('https://{wid}-wb.example.com');
const PATH = base('https://cloud.h1st.ai/project');
const LOCAL = base('http://{wid}.localhost:8999');

const kindOf = (host: string, rules: Partial<HostRules>) => {
  const all = { base: PATH, authenticated: true, publicUrl: undefined, listenHost: undefined, ...rules };
  const { kind, ...more } = createClassifyHost(all)(host === '' ? undefined : parseAuthority(host));
  return 'workbenchId' in more ? `${kind} ${more.workbenchId}` : kind;
};

describe('the base URL', () => {
  test.each<[BaseUrl, string, string, string]>([
    [SUB, `https://${WID}.wb.example.net`, '', `https://${WID}.wb.example.net`],
    [DASH, `https://${WID}-wb.example.com`, '', `https://${WID}-wb.example.com`],
    [LOCAL, `http://${WID}.localhost:8999`, '', `http://${WID}.localhost:8999`],
    [PATH, 'https://cloud.h1st.ai', `/project/${WID}`, `https://cloud.h1st.ai/project/${WID}`],
    [base('http://Localhost:80/a/b//'), 'http://localhost', `/a/b/${WID}`, `http://localhost/a/b/${WID}`],
    [base('http://[::1]:81'), 'http://[::1]:81', `/${WID}`, `http://[::1]:81/${WID}`],
  ])('%j gives each workbench its origin, path and endpoint', (url, origin, path, endpoint) => {
    expect([originOf(url, WID), basePathOf(url, WID), endpointOf(url, WID)]).toEqual([origin, path, endpoint]);
  });

  test.each([
    ['https://wb.{wid}.example.net', /first label/],
    ['https://wb.example.net/{wid}', /first label/],
    ['https://{wid}{wid}.example.net', /once/],
    ['https://{wid}.example.net/{wid}', /once/],
    ['https://{wid}.example.net/path', /no path/],
    ['https://{wid}', /several labels/],
    ['https://{wid}-of-a-label-that-is-much-too-long.example.net', /40 characters/],
    ['http://{wid}.wb.example.net', /must be https/],
    ['http://{wid}.localhost.example.net', /must be https/],
    ['ftp://{wid}.example.net', /http or https/],
    ['{wid}.example.net', /first label|http or https/],
    ['https://u:p@{wid}.example.net', /no user/],
    ['https://{wid}.example.net/?q', /neither query/],
    ['https://x.example/p#f', /neither query/],
    ['nonsense', /http or https/],
  ])('%s is refused', (text, message) => {
    expect(parseBaseUrl(text)).toMatch(message);
  });
});

describe('a host in subdomain mode', () => {
  test.each<[string, Partial<HostRules>, string]>([
    [`${WID}.wb.example.net`, { base: SUB }, `workbench ${WID}`],
    [`${WID}.WB.Example.NET.:8443`, { base: SUB, authenticated: false }, `workbench ${WID}`],
    [`${WID}-wb.example.com`, { base: DASH }, `workbench ${WID}`],
    [`${WID}.localhost`, { base: LOCAL, authenticated: false }, `workbench ${WID}`],
    // Who may not be told from workbenches are none of ours.
    ['zzz.wb.example.net', { base: SUB }, 'foreign'],
    [`${WID}.x.wb.example.net`, { base: SUB }, 'foreign'],
    ['other.localhost', { base: LOCAL, authenticated: false }, 'foreign'],
    [`${WID}.wb.example.net.evil.com`, { base: SUB, authenticated: false }, 'foreign'],
    // As long as ours.
    [`${WID}.xx.example.net`, { base: SUB, authenticated: false }, 'foreign'],
    [`evil${WID}.wb.example.net`, { base: SUB }, 'foreign'],
    ['api-wb.example.com', { base: DASH, publicUrl: 'https://api-wb.example.com' }, 'controller'],
    ['wb.example.net', { base: SUB }, 'controller'],
    ['localhost:8999', { base: LOCAL, authenticated: false }, 'controller'],
  ])('%s with %j is %s', (host, rules, kind) => {
    expect(kindOf(host, rules)).toBe(kind);
  });
});

describe('a host in path mode', () => {
  const publicUrl = 'https://API.example.com:444/v1';
  test.each<[string, Partial<HostRules>, string]>([
    ['anything.example', {}, 'controller'],
    ['anything.example', { publicUrl }, 'foreign'],
    ['anything.example', { authenticated: false }, 'foreign'],
    ['api.example.com', { publicUrl }, 'controller'],
    ['Api.Example.Com.:1', { publicUrl, authenticated: false }, 'controller'],
    ['myhost', { authenticated: false, listenHost: 'MyHost' }, 'controller'],
    // HOST is about who listens; with authentication on, the public name is what counts.
    ['myhost', { publicUrl, listenHost: 'myhost' }, 'foreign'],
    ['cloud.h1st.ai', { authenticated: false }, 'workbenches'],
    ['cloud.h1st.ai', { publicUrl }, 'workbenches'],
    ['cloud.h1st.ai', { publicUrl: 'https://cloud.h1st.ai/api' }, 'controller'],
    ['localhost', { publicUrl }, 'controller'],
    ['x.localhost', { authenticated: false }, 'controller'],
    ['localhost.evil.com', { authenticated: false }, 'foreign'],
    ['127.0.0.1.nip.io', { authenticated: false }, 'foreign'],
    ['127.0.0.1', { authenticated: false }, 'controller'],
    ['10.1.2.3:80', { authenticated: false }, 'controller'],
    ['[::1]:8999', { authenticated: false }, 'controller'],
    ['[2001:DB8::1]', { publicUrl }, 'controller'],
    ['', { publicUrl, authenticated: false }, 'controller'],
  ])('%s with %j is %s', (host, rules, kind) => {
    expect(kindOf(host, rules)).toBe(kind);
  });
});

describe('an authority', () => {
  const name = fc.domain();
  const port = fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined });
  const upper = (text: string, at: readonly boolean[]) =>
    [...text].map((letter, index) => (at[index % at.length] ? letter.toUpperCase() : letter)).join('');

  test('is the same in any case, with or without a trailing dot, its port read apart', () => {
    fc.assert(
      fc.property(name, port, fc.boolean(), fc.array(fc.boolean(), { minLength: 1 }), (host, number, dot, cases) => {
        const text = `${upper(host, cases)}${dot ? '.' : ''}${number === undefined ? '' : `:${number}`}`;
        expect(parseAuthority(text)).toEqual({ name: host.toLowerCase(), port: number, ip: false });
      }),
    );
  });

  test('that is an address is one, however it is written', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV4(),
          fc.ipV6().map((address) => `[${address}]`),
        ),
        port,
        (host, number) => {
          const parsed = parseAuthority(`${host}${number === undefined ? '' : `:${number}`}`);
          expect(parsed).toMatchObject({ ip: true, port: number });
        },
      ),
    );
    expect(parseAuthority('[0:0::0:1]')?.name).toBe('::1');
  });

  test('with anything before, in or after it that is no host is none', () => {
    for (const text of [
      'a b',
      'a@b',
      'a/b',
      'a,b',
      'a:b',
      'a:1:2',
      'a:65536',
      'a..b',
      '.a',
      '',
      '..',
      '[::1',
      '::1',
      '[1]',
      '[fe80::1%25eth0]',
      '[::1]x',
      'ü',
      `${'a'.repeat(64)}.b`,
    ]) {
      expect([text, parseAuthority(text)]).toEqual([text, undefined]);
    }
  });
});

describe('a request’s target', () => {
  test.each<[string, string[], string, string]>([
    ['/a?b', ['hOsT', 'Example.com:80'], 'example.com', '/a?b'],
    ['//evil/a', ['Host', 'example.com'], 'example.com', '//evil/a'],
    ['http://Other:81/a?b', ['Host', 'example.com'], 'other', '/a?b'],
    ['HTTPS://other?b', ['Host', ''], 'other', '/?b'],
    ['http://other', [], 'other', '/'],
    ['/a', ['Host', ''], '', '/a'],
    ['/a', ['X', 'y'], '', '/a'],
    ['*', ['Host', 'example.com'], 'example.com', '*'],
  ])('%s with %j is for %s: %s', (url, headers, host, path) => {
    const target = readTarget(url, headers);
    expect([target?.authority?.name ?? '', target?.path]).toEqual([host, path]);
  });

  test.each<[string, string[]]>([
    ['/a', ['Host', 'a', 'host', 'a']],
    ['http://a/', ['Host', 'a', 'HOST', 'b']],
    ['http:///a', ['Host', 'a']],
    ['ftp://a/', ['Host', 'b']],
    ['http://user@a/', []],
    ['/a', ['Host', 'a b']],
    ['/a', ['Host', 'a, b']],
    ['/a', ['Host', 'user@a']],
  ])('%s with %j can’t be read', (url, headers) => {
    expect(readTarget(url, headers)).toBeUndefined();
  });
});

describe('trusted proxies', () => {
  const list = parseTrustedProxies(['10.0.0.0/8', '192.168.1.9', 'fd00::/8', '::1']);
  test.each<[string | undefined, boolean]>([
    ['10.255.1.1', true],
    ['::ffff:10.1.1.1', true],
    ['192.168.1.9', true],
    ['192.168.1.8', false],
    ['11.0.0.1', false],
    ['fd12::1', true],
    ['::1', true],
    ['::2', false],
    ['nonsense', false],
    [undefined, false],
  ])('%s: %p', (peer, trusted) => {
    if (typeof list === 'string') throw new Error(list);
    expect(isTrusted(list, peer)).toBe(trusted);
  });

  test.each(['localhost', '10.0.0.0/33', '::/129', '10.0.0/8', '', '10.0.0.0/'])('%s is no address', (entry) => {
    expect(parseTrustedProxies(['10.0.0.1', entry])).toBe(entry);
  });
});
