import { afterEach, describe, expect, test } from '@jest/globals';
import { cacheDestinations } from '../../src/gateway/cacheDestinations.ts';
import type { Destination } from '../../src/gateway/destination.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { closeAll, front, send, task, workbenchPath } from './servers.ts';

afterEach(closeAll);

function arrange(resolve: (id: string) => Promise<Destination>, maxEntries = 10) {
  const time = { now: 0 };
  const lookUps: string[] = [];
  const cache = cacheDestinations({
    resolve: (id) => {
      lookUps.push(id);
      return resolve(id);
    },
    timeToLiveMs: 1_000,
    maxEntries,
    clock: { ...systemClock, monotonic: () => time.now },
  });
  return { cache, lookUps, time };
}

const running: Destination = { kind: 'running', host: '127.0.0.1', port: 1 };
const notFound = async (): Promise<Destination> => ({ kind: 'notFound' });

describe('destinations', () => {
  test('asked for at once share one look-up, and later ones use it for a second from when it answered', async () => {
    let answer: (destination: Destination) => void = () => undefined;
    const { cache, lookUps, time } = arrange(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );

    const both = Promise.all([cache.get('a'), cache.get('a')]);
    time.now = 5_000;
    void cache.get('a');
    answer(running);
    await both;
    time.now = 5_999;
    await cache.get('a');
    expect(lookUps).toEqual(['a']);

    time.now = 6_000;
    void cache.get('a');
    expect(lookUps).toEqual(['a', 'a']);
  });

  test('that are no tasks are looked up each time, as any moment may change them', async () => {
    const { cache, lookUps } = arrange(notFound);

    await cache.get('a');
    await cache.get('a');
    expect(lookUps).toEqual(['a', 'a']);
  });

  test('that could not be had are asked for again', async () => {
    const { cache, lookUps } = arrange(async () => {
      throw new Error('throttled');
    });

    await expect(Promise.all([cache.get('a'), cache.get('a')])).rejects.toThrow('throttled');
    await expect(cache.get('a')).rejects.toThrow('throttled');

    expect(lookUps).toEqual(['a', 'a']);
  });

  test('that were dropped are asked for again', async () => {
    const { cache, lookUps } = arrange(notFound);

    await cache.get('a');
    cache.drop('a');
    await cache.get('a');

    expect(lookUps).toEqual(['a', 'a']);
  });

  test('beyond the limit push the oldest out', async () => {
    const { cache, lookUps } = arrange(async () => running, 2);

    for (const id of ['a', 'b', 'c', 'b', 'c', 'a']) await cache.get(id);

    expect(lookUps).toEqual(['a', 'b', 'c', 'a']);
  });
});

test('twenty assets at once cost the gateway one look-up', async () => {
  const { port } = await task((_incoming, response) => response.end('asset'));
  const { port: entry, lookUps } = await front(port, { destinationTtlMs: 3_600_000 });

  const answers = await Promise.all(Array.from({ length: 20 }, () => send(entry, `${workbenchPath}/asset`)));

  expect(answers.every(({ body }) => body === 'asset')).toBe(true);
  expect(lookUps).toHaveLength(1);
});
