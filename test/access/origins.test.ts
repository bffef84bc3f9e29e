import { describe, expect, test } from '@jest/globals';
import { parseAuthority } from '../../src/access/hosts/authority.ts';
import { judgeOrigin, type OriginRules, type Provenance } from '../../src/access/hosts/judgeOrigin.ts';

const W = 'w.wb.example.net';
const rules: OriginRules = { scheme: 'https', configured: ['https://portal.example.com'], framed: false };
type Given = Partial<Omit<Provenance, 'authority'>> & { host?: string };

function judged({ host = W, ...given }: Given, changed: Partial<OriginRules> = {}, byCookie = true) {
  const none = {
    method: 'GET',
    upgrade: false,
    origin: undefined,
    site: undefined,
    mode: undefined,
    destination: undefined,
  };
  return (
    judgeOrigin({ ...none, authority: parseAuthority(host), ...given }, { ...rules, ...changed }, byCookie) ?? 'passes'
  );
}
const socket = { upgrade: true, method: 'GET' };
const navigation = { mode: 'navigate', destination: 'document' };

describe('a websocket', () => {
  test.each<[string | undefined, string]>([
    [`https://${W}`, 'passes'],
    [`https://${W}:443`, 'passes'],
    ['https://portal.example.com', 'passes'],
    ['https://sibling.wb.example.net', 'origin-foreign'],
    ['https://wb.example.net', 'origin-foreign'],
    [`https://${W}.evil.com`, 'origin-foreign'],
    [`https://evil.com/${W}`, 'origin-foreign'],
    [`https://${W}@evil.com`, 'origin-foreign'],
    [`https://${W}:8443`, 'origin-foreign'],
    [`http://${W}`, 'origin-foreign'],
    [`https://${W}, https://${W}`, 'origin-foreign'],
    ['', 'origin-foreign'],
    ['null', 'origin-null'],
    [undefined, 'origin-missing'],
  ])('by cookie from %s %s', (origin, outcome) => {
    expect(judged({ ...socket, origin })).toBe(outcome);
  });

  test('to a host that names the usual port is of the origin that doesn’t', () => {
    expect(judged({ ...socket, host: `${W}:443`, origin: `https://${W}` })).toBe('passes');
    expect(judged({ ...socket, host: 'localhost:8999', origin: 'http://localhost:8999' }, { scheme: undefined })).toBe(
      'passes',
    );
    expect(judged({ ...socket, host: 'localhost:8999', origin: 'http://localhost:9000' }, { scheme: undefined })).toBe(
      'origin-foreign',
    );
    expect(judged({ ...socket, host: 'localhost', origin: 'http://localhost:8999' }, { scheme: undefined })).toBe(
      'origin-foreign',
    );
  });

  test('without Origin passes where no cookie vouches, as programs send it', () => {
    expect(judged(socket, {}, false)).toBe('passes');
    expect(judged({ ...socket, origin: 'https://evil.com' }, {}, false)).toBe('origin-foreign');
  });
});

describe('a read', () => {
  test.each<[string, Given, string]>([
    ['by a program', {}, 'passes'],
    ['by the page itself', { site: 'same-origin', mode: 'cors', destination: 'empty' }, 'passes'],
    ['from the address bar', { site: 'none', ...navigation }, 'passes'],
    ['by a link from a sibling', { site: 'same-site', ...navigation }, 'passes'],
    ['by a link from elsewhere', { site: 'cross-site', ...navigation }, 'passes'],
    ['in a sibling’s frame', { site: 'same-site', mode: 'navigate', destination: 'iframe' }, 'fetch-site'],
    ['as an object', { site: 'cross-site', mode: 'navigate', destination: 'object' }, 'fetch-site'],
    ['as a sibling’s image', { site: 'same-site', mode: 'no-cors', destination: 'image' }, 'fetch-site'],
    ['as a script elsewhere', { site: 'cross-site', mode: 'no-cors', destination: 'script' }, 'fetch-site'],
    ['by fetch without cors', { site: 'cross-site', mode: 'no-cors', destination: 'empty' }, 'fetch-site'],
    ['claiming to be a document', { site: 'cross-site', mode: 'no-cors', destination: 'document' }, 'fetch-site'],
    ['with marks that nobody knows', { site: 'same-origin, cross-site', ...navigation }, 'fetch-unknown'],
    ['by fetch from elsewhere', { origin: 'https://evil.com', site: 'cross-site', mode: 'cors' }, 'origin-foreign'],
    ['by a page of no origin', { origin: 'null', site: 'cross-site', mode: 'cors' }, 'origin-null'],
    ['by a configured page', { origin: 'https://portal.example.com', site: 'cross-site', mode: 'cors' }, 'passes'],
    ['HEAD as an image', { method: 'HEAD', site: 'cross-site', mode: 'no-cors' }, 'fetch-site'],
  ])('%s', (_what, given, outcome) => {
    expect(judged(given)).toBe(outcome);
    // What a page of elsewhere may not read is not its to read where nobody has to log in, either.
    expect(judged(given, {}, false)).toBe(outcome);
  });

  test('in a frame elsewhere passes where that is configured, nothing else does', () => {
    const frame = { site: 'cross-site', mode: 'navigate', destination: 'iframe' };
    expect(judged(frame, { framed: true })).toBe('passes');
    expect(judged({ ...frame, mode: 'no-cors', destination: 'image' }, { framed: true })).toBe('fetch-site');
  });
});

describe('a write', () => {
  test.each<[string, Given, string]>([
    ['of the page itself', { origin: `https://${W}`, site: 'same-origin' }, 'passes'],
    ['of the page itself, by an older browser', { origin: `https://${W}` }, 'passes'],
    ['of the page itself, by one that only marks it', { site: 'same-origin' }, 'passes'],
    ['of nobody', {}, 'origin-missing'],
    ['typed in', { site: 'none' }, 'origin-missing'],
    ['of a form elsewhere', { origin: 'https://evil.com', site: 'cross-site', ...navigation }, 'origin-foreign'],
    ['of a form elsewhere, that hides it', { site: 'cross-site', ...navigation }, 'fetch-site'],
    ['of a form in a sandbox', { origin: 'null', site: 'cross-site', ...navigation }, 'origin-null'],
    [
      'of a sibling without cors',
      { origin: 'https://s.wb.example.net', site: 'same-site', mode: 'no-cors' },
      'origin-foreign',
    ],
    ['that is a preflight', { method: 'OPTIONS', origin: 'https://evil.com', mode: 'cors' }, 'origin-foreign'],
  ])('%s', (_what, given, outcome) => {
    expect(judged({ method: 'POST', ...given })).toBe(outcome);
  });

  test('of a program passes where no cookie vouches', () => {
    expect(judged({ method: 'POST' }, {}, false)).toBe('passes');
  });
});
