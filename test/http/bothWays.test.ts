import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { systemClock } from '../../src/lib/clock.ts';
import { aToken, inSeconds } from '../support/tokens.ts';
import { configs, KEY, requests } from './pollRequests.ts';
import { type BothWays, startBothWays, views, type WayConfig } from './startBothWays.ts';

const started = new Map<string, Promise<BothWays>>();

afterAll(async () => {
  for (const ways of started.values()) await (await ways).close();
});

/** Without what differs from one answer to the next, whichever way it comes. */
const comparable = (answer: string): string =>
  answer
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<a request id>')
    .replaceAll(/^Date: .*GMT\r$/gm, 'Date: <a date>\r');

test('whatever is asked, the short way and the long way answer the same status, headers and bytes', async () => {
  const cases = configs.chain((config) => fc.tuple(fc.constant(config), requests(config.urlPrefix)));
  await fc.assert(
    fc.asyncProperty(cases, async ([config, bytes]) => {
      const key = JSON.stringify(config);
      const ways = started.get(key) ?? startBothWays(config);
      started.set(key, ways);
      const { short, long } = await ways;
      const expected = comparable(await long.send(bytes));
      // Memory knows a token from its second time on.
      expect(comparable(await short.send(bytes))).toBe(expected);
      expect(comparable(await short.send(bytes))).toBe(expected);
    }),
    { numRuns: 600 },
  );

  const all = await Promise.all(started.values());
  const asked = (way: 'short' | 'long') => all.reduce((sum, ways) => sum + ways[way].asked(), 0);
  // Each was sent once the long way and twice the short one: else this has compared the long way with itself.
  expect(asked('short')).toBeLessThan(1.5 * asked('long'));
});

const plain: WayConfig = {
  authentication: { staticKey: undefined, jwtKey: undefined, userClaim: undefined },
  urlPrefix: '',
  corsOrigins: [],
  gatewayBasePath: undefined,
};
const aPoll = (fields = '') =>
  `GET /workbenches/${views[0]?.workbench.id}?user_id=ann HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields}\r\n`;

test('a token that memory knows passes until it expires, and not a moment longer', async () => {
  const expiry = inSeconds(3600);
  let now = (expiry - 1) * 1000;
  const authentication = { staticKey: undefined, jwtKey: KEY, userClaim: 'sub' };
  const ways = await startBothWays({ ...plain, authentication }, { clock: { ...systemClock, now: () => now } });
  const poll = aPoll(`Authorization: Bearer ${aToken({ exp: expiry, sub: 'ann' }, KEY)}\r\n`);
  const statuses = async () =>
    await Promise.all([ways.short, ways.long].map(async (way) => (await way.send(poll)).slice(9, 12)));
  try {
    await statuses();
    now = expiry * 1000 - 1;
    expect(await statuses()).toEqual(['200', '200']);
    expect(ways.short.asked()).toBe(1);
    now = expiry * 1000;
    expect(await statuses()).toEqual(['401', '401']);
  } finally {
    await ways.close();
  }
});

test('what fails while a poll is answered is a 500 in the envelope, whichever way it takes', async () => {
  const fail = () => {
    throw new Error('a fault of ours');
  };
  const ways = await startBothWays(plain, { endpointOf: fail });
  try {
    const answer = comparable(await ways.short.send(aPoll()));
    expect(answer).toMatch(/^HTTP\/1.1 500 .*"code":"internal"/s);
    expect(answer).toBe(comparable(await ways.long.send(aPoll())));
  } finally {
    await ways.close();
  }
});
