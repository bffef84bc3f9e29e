import { expect, test } from '@jest/globals';
import { RecentIds } from '../../src/lib/RecentIds.ts';

test('an id is known from when it was added last, until that is too long ago', () => {
  const ids = new RecentIds(1_000, 10);
  ids.add('a', 0);
  ids.add('b', 600);
  ids.add('a', 700);
  ids.add('c', 1_650);

  expect(['a', 'b', 'c'].map((id) => ids.since(id))).toEqual([700, undefined, 1_650]);
  expect(ids.size).toBe(2);
});

test('however many are added at once, the latest are kept, and no more than so many', () => {
  const ids = new RecentIds(1_000, 3);
  for (let index = 0; index < 100; index += 1) ids.add(`id-${index}`, 0);

  expect(ids.size).toBe(3);
  expect(ids.since('id-99')).toBe(0);
});
