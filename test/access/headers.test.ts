import { describe, expect, test } from '@jest/globals';
import { headersForTask } from '../../src/access/headers/forTask.ts';
import { headersFromTask } from '../../src/access/headers/fromTask.ts';

const WID = '0123456789abcdef0';
const PREFIX = `/project/${WID}`;
const seen = { scheme: 'https', host: 'w.wb.example.net', prefix: '' };
const toTask = { userId: 'ann', stripAuthorization: true, peer: '10.0.0.9', trusted: false, seen };
const ours = [
  ...['X-Forwarded-For', '10.0.0.9', 'X-Forwarded-Proto', 'https'],
  ...['X-Forwarded-Host', 'w.wb.example.net', 'X-Workbench-User', 'ann'],
];

describe('what goes to a task', () => {
  test('is what came, byte for byte and duplicates included, and what we say', () => {
    const raw = ['Host', 'w', 'aCCept', 'x', 'X-A', '1', 'x-a', '2', 'Cookie', 'a=1;b="2; a=1 ', 'X-My-User', 'z'];
    expect(headersForTask(raw, toTask)).toEqual([...raw, ...ours]);
  });

  test.each([
    'X-Amzn-Oidc-Data',
    'x-amzn-oidc-accesstoken',
    'X_Amzn_Oidc_Data',
    'X-Forwarded-Access-Token',
    'X-Auth-Request-User',
    'x-auth-request-access-token',
    'X-Forwarded-User',
    'X_Forwarded_User',
    'X-Forwarded_Email',
    'x-forwarded-groups',
    'Remote-User',
    'REMOTE_USER',
    'X-Workbench-User',
    'x_workbench_user',
    'X-Workbench-Upstream',
    'Authorization',
    'Forwarded',
    'X-Forwarded-For',
    'X_Forwarded_Host',
    'X-Forwarded-Proto',
    'X-Forwarded-Prefix',
    'X-Real-IP',
    'X-Original-URI',
  ])('is never %s', (name) => {
    expect(headersForTask(['A', '1', name, 'evil', 'B', '2'], toTask)).toEqual(['A', '1', 'B', '2', ...ours]);
  });

  test('is none of our cookies, nor those of login proxies', () => {
    const cookie = `a=1; __Host-wb=x; wb_${WID}=x; AWSELBAuthSessionCookie-0=x; _oauth2_proxy_1=x; _oauth2_proxy=x; a=2`;
    expect(headersForTask(['Cookie', cookie], toTask)).toEqual(['Cookie', 'a=1; a=2', ...ours]);
    expect(headersForTask(['Cookie', '__Host-wb=x', 'cookie', 'b=1'], toTask)).toEqual(['cookie', 'b=1', ...ours]);
  });

  test('is the application’s own Authorization', () => {
    const raw = ['Authorization', 'token abc'];
    expect(headersForTask(raw, { ...toTask, stripAuthorization: false })).toEqual([...raw, ...ours]);
  });

  test('is whom a trusted proxy speaks for, but not which host it says', () => {
    const raw = ['X-Forwarded-For', '1.2.3.4', 'X-Forwarded-Host', 'evil', 'X-Forwarded-Proto', 'http'];
    const headers = headersForTask(raw, { ...toTask, trusted: true });
    expect(headers.slice(0, 2)).toEqual(['X-Forwarded-For', '1.2.3.4, 10.0.0.9']);
    expect(headers.slice(2)).toEqual(ours.slice(2));
  });

  test('says the prefix in path mode, and no user where there is none', () => {
    const headers = headersForTask([], { ...toTask, userId: undefined, seen: { ...seen, prefix: PREFIX } });
    expect(headers).toEqual([...ours.slice(0, 6), 'X-Forwarded-Prefix', PREFIX]);
  });
});

const alone = { prefix: '', frameAncestors: [] };
const pathMode = { prefix: PREFIX, frameAncestors: [] };
const added = ['Cache-Control', 'private', 'Content-Security-Policy', "frame-ancestors 'self'"];
const outcome = (raw: string[], rules = alone) => headersFromTask(raw, rules).slice(0, -4);

describe('what comes from a task', () => {
  test('is what it said, duplicates included, and who may frame it', () => {
    const raw = ['Content-Type', 'text/html', 'Link', '<a>', 'link', '<b>', 'X-Accel-Buffering', 'no'];
    const policy = ['Content-Security-Policy', "default-src 'self'"];
    expect(headersFromTask([...raw, ...policy], alone)).toEqual([...raw, ...policy, ...added]);
    const framed = headersFromTask([], { ...alone, frameAncestors: ['https://portal.example.com'] });
    expect(framed.at(-1)).toBe("frame-ancestors 'self' https://portal.example.com");
  });

  test.each([
    'Clear-Site-Data',
    'clear-site-data',
    'Strict-Transport-Security',
    'Alt-Svc',
    'NEL',
    'X-Accel-Redirect',
    'X-Sendfile',
    'Surrogate-Control',
    'CDN-Cache-Control',
    'Cloudflare-CDN-Cache-Control',
  ])('is never %s', (name) => {
    expect(headersFromTask(['A', '1', name, 'x', 'B', '2'], alone)).toEqual(['A', '1', 'B', '2', ...added]);
  });

  test.each<[string | undefined, string]>([
    [undefined, 'private'],
    ['public, max-age=60', 'private, max-age=60'],
    ['PUBLIC , max-age=60, s-maxage=9', 'private, max-age=60'],
    ['no-store', 'no-store'],
    ['private, max-age=5', 'private, max-age=5'],
    ['max-age=31536000, immutable', 'private, max-age=31536000, immutable'],
    ['private="x-a"', 'private, private="x-a"'],
  ])('with Cache-Control %s is kept by nobody for others: %s', (value, kept) => {
    const headers = headersFromTask(value === undefined ? [] : ['cache-control', value], alone);
    expect(headers.slice(0, 2)).toEqual(['Cache-Control', kept]);
  });

  test('that says twice how to be cached is heard twice', () => {
    const headers = headersFromTask(['Cache-Control', 'public', 'cache-control', 'no-store'], alone);
    expect(headers.slice(0, 2)).toEqual(['Cache-Control', 'no-store']);
  });
});

describe('a cookie that a task sets', () => {
  const cookieIn = (rules: typeof alone) => (value: string) => outcome(['Set-Cookie', value], rules)[1];

  test.each([
    '__Host-wb=evil; Path=/; Secure',
    ' __Host-wb =evil',
    '=__Host-wb=evil',
    '__Host-wb',
    '__Host-wb-nonce=evil',
    `wb_${WID}=evil`,
    `wb_${WID}_nonce=evil`,
    'wb-login-x=evil',
    'a=1; Domain=example.net',
    'a=1; path=/;  DOMAIN = .example.net ; Secure',
    'a=1; Domain=',
    'a=1; Domain',
  ])('is not set at all: %s', (value) => {
    expect(cookieIn(alone)(value)).toBeUndefined();
    expect(cookieIn(pathMode)(value)).toBeUndefined();
  });

  test.each([
    ['a=1; Path=/; Secure', `a=1; Secure; Path=${PREFIX}/`],
    ['a=1; Path=/project', `a=1; Path=${PREFIX}/`],
    [`a=1; Path=${PREFIX}x`, `a=1; Path=${PREFIX}/`],
    [`a=1; Path=${PREFIX}/; path=/`, `a=1; Path=${PREFIX}/`],
    [`a=1; Path=/; Path=${PREFIX}/lab`, `a=1; Path=/; Path=${PREFIX}/lab`],
    [`a=1; Path=${PREFIX}; HttpOnly`, `a=1; Path=${PREFIX}; HttpOnly`],
    [`a="b;c"; Path=${PREFIX}/lab`, `a="b;c"; Path=${PREFIX}/lab`],
    ['a=1', 'a=1'],
    ['a=1; Path=', 'a=1; Path='],
    ['a=1; Path=relative', 'a=1; Path=relative'],
  ])('with %s is in path mode %s, and beside it as it was', (value, narrowed) => {
    expect(cookieIn(pathMode)(value)).toBe(narrowed);
    expect(cookieIn(alone)(value)).toBe(value);
  });

  test('is one of several, and leaves the others', () => {
    const raw = ['Set-Cookie', 'a=1', 'set-cookie', '__Host-wb=x', 'Set-Cookie', 'a=1'];
    expect(outcome(raw)).toEqual(['Set-Cookie', 'a=1', 'Set-Cookie', 'a=1']);
  });
});

describe('a service worker’s scope', () => {
  test.each([
    ['/', false],
    ['/project/', false],
    [PREFIX, false],
    [`${PREFIX}/`, true],
    [`${PREFIX}/lab/`, true],
    [`/?${PREFIX}/`, false],
    [`${PREFIX}/..`, false],
    [`${PREFIX}/%2e%2e/`, false],
    ['http://[', false],
  ])('%s may be asked for in path mode: %p; where the host is its own it may anyhow', (scope, allowed) => {
    const raw = ['Service-Worker-Allowed', scope];
    expect(outcome(raw, pathMode)).toEqual(allowed ? raw : []);
    expect(outcome(raw)).toEqual(raw);
  });
});
