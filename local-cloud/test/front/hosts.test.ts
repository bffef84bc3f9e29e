import { request } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { startTestFront } from './startTestFront.ts';

async function statusOf(url: string, headers: Record<string, string>, path = '/_local/calls'): Promise<number> {
  return await new Promise((resolve, reject) => {
    const outgoing = request(url, { path, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    outgoing.on('error', reject).end();
  });
}

describe('the port of the local cloud', () => {
  test.each([
    '127.0.0.1:4510',
    'localhost',
    'LocalHost:4510',
    'localhost.',
    'ecs.localhost:4510',
    '172.17.0.1:4510',
    '[::1]:4510',
    '[fe80::1]',
    'host.docker.internal:4510',
    'MyHost:4510',
  ])('answers for %s, where it listens on myhost', async (host) => {
    await using front = await startTestFront({}, { host: 'myhost' });
    expect(await statusOf(front.url, { Host: host })).toBe(200);
  });

  test.each([
    'evil.example',
    'evil.example:4510',
    'myhost',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.1',
    'a b',
    '[x]',
    'evil@localhost',
  ])('does nothing for %s', async (host) => {
    await using front = await startTestFront({});
    expect(await statusOf(front.url, { Host: host })).toBe(421);
    expect(await statusOf(front.url, { Host: host }, '/2015-02-01/access-points')).toBe(421);
    expect(front.control.calls()).toEqual({});
  });

  test('takes the host of the target for the host, and its path for the path', async () => {
    await using front = await startTestFront({});
    const local = { Host: 'localhost' };
    expect(await statusOf(front.url, local, 'http://evil.example/_local/calls')).toBe(421);
    expect(await statusOf(front.url, { Host: 'evil.example' }, 'http://localhost:1/_local/calls')).toBe(200);
  });

  test.each(['https://evil.example', 'null', 'http://localhost:3000'])(
    'does nothing for a page of %s',
    async (origin) => {
      await using front = await startTestFront({});
      expect(await statusOf(front.url, { Host: 'localhost', Origin: origin })).toBe(403);
    },
  );

  test('does nothing for what a page elsewhere shows', async () => {
    await using front = await startTestFront({});
    expect(await statusOf(front.url, { Host: 'localhost', 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
    expect(await statusOf(front.url, { Host: 'localhost', 'Sec-Fetch-Site': 'none' })).toBe(200);
  });
});
