import { describe, expect, test } from '@jest/globals';
import { readOriginal } from '../../src/access/hosts/readOriginal.ts';

/** As node has them: raw, and by name. */
function request(...lines: readonly (readonly [name: string, value: string])[]) {
  const headers: Record<string, string> = {};
  for (const [name, value] of lines) {
    const lower = name.toLowerCase();
    headers[lower] = lower in headers ? `${headers[lower]}, ${value}` : value;
  }
  return { headers, rawHeaders: lines.flat() };
}

const host = ['Host', '127.0.0.1:8999'] as const;
const nginx = [
  ['X-Original-Method', 'GET'],
  ['X-Original-URI', '/project/a/%2e%2e/b#c?d'],
  ['X-Original-Host', 'cloud.example'],
] as const;
const caddy = [
  ['X-Forwarded-Method', 'POST'],
  ['X-Forwarded-Uri', '/x'],
  ['X-Forwarded-Host', 'w.example:8443'],
  ['X-Forwarded-Proto', 'https'],
] as const;

describe('what a proxy asks about', () => {
  test.each([
    ['nginx', nginx, { method: 'GET', url: '/project/a/%2e%2e/b#c?d', rawHeaders: ['Host', 'cloud.example'] }],
    ['Caddy or Traefik', caddy, { method: 'POST', url: '/x', rawHeaders: ['Host', 'w.example:8443'] }],
    ['nginx, with no host of its own', nginx.slice(0, 2), { rawHeaders: [...host] }],
  ])('is read as it came from %s', (_who, lines, expected) => {
    expect(readOriginal(request(host, ...lines))).toMatchObject({ upgrade: false, ...expected });
  });

  test.each([
    ['both families', [...nginx, ...caddy], 'asked-by-both-families'],
    ['one of the other', [...nginx, ['X-Forwarded-Proto', 'https'] as const], 'asked-by-both-families'],
    ['no method: a POST must not pass as a GET', nginx.slice(1), 'nothing-asked'],
    ['an empty URI', [nginx[0], ['X-Original-URI', ''] as const], 'nothing-asked'],
    ['nothing', [], 'nothing-asked'],
    ['a header twice', [...nginx, ['x-original-uri', '/other'] as const], 'asked-twice'],
    ['a header twice, the same', [...caddy, caddy[1]], 'asked-twice'],
  ])('is refused with %s', (_what, lines, fault) => {
    expect(readOriginal(request(host, ...lines))).toBe(fault);
  });

  test.each([
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ])('is a websocket’s opening with %s', (name, value) => {
    expect(readOriginal(request(host, ...nginx, [name, value]))).toMatchObject({ upgrade: true });
  });
});
