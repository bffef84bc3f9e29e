import fc from 'fast-check';
import { aToken, inSeconds } from '../support/tokens.ts';
import { etagOf, views, type WayConfig } from './startBothWays.ts';

const STATIC = 'static-key';
export const KEY = 'a key for tokens that is long enough';
const FRONTEND = 'https://app.example';

const OF_ANN = aToken({ exp: inSeconds(3600), sub: 'ann' }, KEY);
const tokens = [
  STATIC,
  OF_ANN,
  aToken({ exp: inSeconds(3600), sub: 'bob' }, KEY),
  aToken({ exp: inSeconds(3600) }, KEY),
  aToken({ exp: inSeconds(3600), sub: 'ann' }, 'another key'),
  aToken({ exp: inSeconds(-1), sub: 'ann' }, KEY),
  aToken({ exp: inSeconds(3600), nbf: inSeconds(3600), sub: 'ann' }, KEY),
  aToken({ sub: 'ann' }, KEY),
  'wrong',
];

export const configs: fc.Arbitrary<WayConfig> = fc.record({
  authentication: fc.constantFrom(
    { staticKey: undefined, jwtKey: undefined, userClaim: undefined },
    { staticKey: STATIC, jwtKey: undefined, userClaim: undefined },
    { staticKey: undefined, jwtKey: KEY, userClaim: undefined },
    { staticKey: undefined, jwtKey: KEY, userClaim: 'sub' },
    { staticKey: STATIC, jwtKey: KEY, userClaim: 'sub' },
  ),
  urlPrefix: fc.constantFrom('', '/api/v1'),
  corsOrigins: fc.constantFrom([], [FRONTEND], [FRONTEND, 'http://localhost:3000'], ['*']),
  gatewayBasePath: fc.constantFrom(undefined, '/project', '', '/workbenches', '/api/v1/workbenches'),
});

/** Mostly what a poll has, so that the short way is taken often; now and then anything else. */
const mostly = <T>(usual: readonly T[], other: fc.Arbitrary<T>, weight = 15): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: other });

const headerText = fc.stringMatching(/^[\x20-\x7e\x80-\xff\t]{0,20}$/);
const anId = mostly(
  views.map(({ workbench }) => workbench.id),
  fc.constantFrom(
    '',
    '0123456789abcdef1',
    '0123456789ABCDEF0',
    '0123456',
    'a'.repeat(41),
    '%30123456789abcdef',
    '..',
    '*',
  ),
);
const path = fc.tuple(
  mostly(['/workbenches/'], fc.constantFrom('/Workbenches/', '//workbenches/', '/workbenches//', '/', '/project/', '')),
  anId,
  mostly(['', ''], fc.constantFrom('/', '/start', '/stop', '/nothing', ';x', '%2f', '%')),
);
const query = mostly(
  ['?user_id=ann', '?user_id=ann', '?user_id=bob', ''],
  fc.oneof(
    fc.constantFrom('?', '?user_id=', '?user_id=ann&', '?user_id=a%6en', '?user_id=%', '?user_id=ann&user_id=bob'),
    fc.constantFrom(
      '?user_id[]=ann',
      '?user_id[x]=ann',
      '?USER_ID=ann',
      '?user_id=ann#x',
      '?user_id=ann?',
      '?x=1&user_id=ann',
    ),
    fc.constantFrom(
      '?user_id=ann&wait=0',
      '?user_id=ann&wait=1',
      '?user_id=ann&wait=x',
      '?user_id=a+b',
      '?user_id=ann%20',
    ),
    fc.stringMatching(/^\?user_id=[\w.~!*'()-]{120,130}$/),
    fc.stringMatching(/^\?user_id=[\x21-\xff]{0,9}$/),
  ),
);

const etag = fc.constantFrom(...views).map(etagOf);
const conditions = fc.oneof(
  etag,
  etag.map((tag) => tag.replace('W/', '')),
  etag.map((tag) => `"x", ${tag}`),
  etag.map((tag) => `${tag},\t"y"`),
  etag.map((tag) => `"x"\r\nIf-None-Match: ${tag}`),
  etag.map((tag) => tag.replaceAll('"', '')),
  etag.map((tag) => tag.replace('W/', 'w/')),
  fc.constantFrom('*', ' * ', '*, "x"', '""', ''),
  headerText,
);

/** A header that is there now and then. */
const sometimes = (name: string, ...values: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.oneof(...values).map((value) => `${name}: ${value}\r\n`) },
  );

const headers = fc.tuple(
  mostly([STATIC, OF_ANN], fc.constantFrom(...tokens)).chain((token) =>
    mostly(
      [`Authorization: Bearer ${token}\r\n`],
      fc.constantFrom('', `authorization: bearer  ${token} \r\n`, `Authorization: ${token}\r\n`),
    ),
  ),
  sometimes(
    'Origin',
    fc.constantFrom(FRONTEND, 'http://localhost:3000', 'https://evil.example', 'null', '*', ''),
    headerText,
  ),
  sometimes('If-None-Match', conditions),
  sometimes(
    'X-Request-Id',
    fc.constantFrom('mine', 'a b', '', 'x'.repeat(128), 'x'.repeat(129), 'a\r\nX-Request-Id: b'),
    headerText,
  ),
  sometimes('Sec-Fetch-Site', fc.constantFrom('cross-site', 'same-origin')),
  sometimes('Cache-Control', fc.constantFrom('no-cache', 'max-age=0')),
  sometimes('If-Modified-Since', fc.constantFrom(new Date().toUTCString(), 'never')),
  sometimes('Access-Control-Request-Headers', fc.constantFrom('authorization'), headerText),
  sometimes('Expect', fc.constantFrom('100-continue', 'the best')),
  sometimes('Connection', fc.constantFrom('close', 'keep-alive', 'Upgrade\r\nUpgrade: h2c')),
  sometimes('Accept', fc.constantFrom('text/html', 'application/json')),
);

const body = mostly(
  ['\r\n'],
  fc.constantFrom(
    'Content-Length: 0\r\n\r\n',
    'Content-Length: 2\r\n\r\n{}',
    'Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
    'Content-Type: application/json\r\nContent-Length: 1\r\n\r\n{',
    'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
  ),
  5,
);

/** Ends a connection that goes on, and shows that the request before it left it in order. */
const LAST = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

const methods = mostly(['GET', 'GET', 'GET', 'HEAD'], fc.constantFrom('POST', 'DELETE', 'OPTIONS', 'PUT', 'get'));
const versions = mostly(['1.1', '1.1'], fc.constant('1.0'));
const hosts = mostly(['Host: x\r\n'], fc.constantFrom('', 'Host: a.example:8999\r\n'));

function inBytes(method: string, url: string, version: string, fields: string, rest: string): string {
  const request = `${method} ${url} HTTP/${version}\r\n${fields}${rest}`;
  const goesOn = version === '1.1' ? !fields.includes('Connection: close') : fields.includes('Connection: keep-alive');
  return request + (goesOn ? LAST : '');
}

/** Requests in the bytes (latin1) that are sent; most have the prefix. */
export function requests(prefix: string): fc.Arbitrary<string> {
  const start = mostly([prefix], fc.constantFrom('', prefix.toUpperCase(), `http://x${prefix}`));
  const url = fc.tuple(start, path, query).map(([first, parts, search]) => first + parts.join('') + search);
  const fields = fc.tuple(hosts, headers).map(([host, lines]) => host + lines.join(''));
  return fc.tuple(methods, url, versions, fields, body).map((parts) => inBytes(...parts));
}
