import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { JournaledMap } from '../src/JournaledMap.ts';

let folder = '';
const file = () => join(folder, 'deep', 'map.jsonl');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journaled-map-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a map opened again, without the first one having been closed, holds what was set last, in order', () => {
  const first = new JournaledMap<{ n: number }>(file());
  first.set('a', { n: 1 }).set('b', { n: 2 }).set('c', { n: 3 }).set('a', { n: 4 });
  first.delete('b');

  const second = new JournaledMap<{ n: number }>(file());

  expect([...second]).toEqual([
    ['a', { n: 4 }],
    ['c', { n: 3 }],
  ]);
  first.close();
  second.close();
});

test('a last line that was cut off is ignored, and what is written next is not appended to it', () => {
  new JournaledMap<number>(file()).set('a', 1).close();
  appendFileSync(file(), '["b",2');

  const second = new JournaledMap<number>(file());
  second.set('c', 3);
  second.close();

  const third = new JournaledMap<number>(file());
  expect([...third]).toEqual([
    ['a', 1],
    ['c', 3],
  ]);
  third.close();
});

test('damage before the last line is refused, naming file and line, and the file is left as it is', () => {
  new JournaledMap<number>(file()).set('a', 1).close();
  appendFileSync(file(), 'garbage\n["b",2]\n');
  const before = readFileSync(file(), 'utf8');

  expect(() => new JournaledMap<number>(file())).toThrow(/map\.jsonl: line 2 is damaged/);
  expect(readFileSync(file(), 'utf8')).toBe(before);
});

test('opening compacts: one line a key', () => {
  const first = new JournaledMap<number>(file());
  for (let n = 0; n < 100; n += 1) first.set('a', n);
  first.close();
  expect(readFileSync(file(), 'utf8').split('\n')).toHaveLength(101);

  new JournaledMap<number>(file()).close();

  expect(readFileSync(file(), 'utf8')).toBe('["a",99]\n');
});

test('a journal that is written to for long does not grow without bounds', () => {
  const map = new JournaledMap<number>(file());
  for (let n = 0; n < 45_000; n += 1) map.set('a', n);
  map.close();

  expect(readFileSync(file(), 'utf8').split('\n').length).toBeLessThan(20_010);
});

test('a closed map refuses changes and keeps what it had', () => {
  const map = new JournaledMap<number>(file()).set('a', 1);
  map.close();

  expect(() => map.set('a', 2)).toThrow(/closed/);
  expect(map.get('a')).toBe(1);
});

test('whatever is done to it, it reads back as a plain Map would have it', () => {
  const key = fc.constantFrom('a', 'b', '__proto__', 'line\nfeed', 'ü😀');
  const change = fc.oneof(fc.tuple(key, fc.jsonValue()), fc.tuple(key));
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      rmSync(file(), { force: true });
      const model = new Map<string, unknown>();
      const map = new JournaledMap<unknown>(file());
      for (const [name, ...value] of changes) {
        if (value.length === 0) expect(map.delete(name)).toBe(model.delete(name));
        else model.set(name, map.set(name, value[0]).get(name));
      }
      map.close();
      const again = new JournaledMap<unknown>(file());
      again.close();
      // As JSON: that is all a journal can keep (it has no -0).
      expect(JSON.stringify([...again])).toBe(JSON.stringify([...model]));
    }),
    { numRuns: 50 },
  );
});
