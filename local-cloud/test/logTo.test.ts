import { expect, test } from '@jest/globals';
import { logTo } from '../src/logTo.ts';

function logged(level: string, isTTY = false): string[] {
  const lines: string[] = [];
  const log = logTo({ isTTY, write: (line: string) => lines.push(line) > 0 }, level);
  log.debug({ n: 1 }, 'one');
  log.warn({ err: new RangeError('broken'), taskId: 't' }, 'two');
  return lines;
}

test('from a level on, each line is JSON with its fields, and of an error what it was', () => {
  const [line = '', ...more] = logged('warn');

  expect(more).toEqual([]);
  expect(line).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(line)).toEqual({
    level: 'warn',
    time: expect.any(String),
    err: { type: 'RangeError', message: 'broken', stack: expect.stringContaining('logTo.test') },
    taskId: 't',
    msg: 'two',
  });
});

test.each([
  ['trace', 2],
  ['debug', 2],
  ['error', 0],
  ['silent', 0],
])('at level %s, %i of a debug line and a warning are told', (level, count) => {
  expect(logged(level)).toHaveLength(count);
});

test('on a terminal, a line is for people', () => {
  expect(logged('debug', true)[0]).toMatch(/^\d\d:\d\d:\d\d debug one \{"n":1\}\n$/);
});
