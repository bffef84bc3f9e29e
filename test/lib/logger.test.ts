import { expect, test } from '@jest/globals';
import { createLogger } from '../../src/lib/logger.ts';

test('a log line is JSON with a time that people can read, and without tokens', () => {
  const lines: string[] = [];
  const logger = createLogger('info', false, { write: (line) => void lines.push(line) });
  logger.debug('not said');
  logger.info(
    { headers: { authorization: 'Bearer secret', cookie: 'secret' }, authorization: 'secret', request_id: 'r' },
    'said',
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('secret');
  const line = JSON.parse(lines[0] ?? '');
  expect(line).toMatchObject({ level: 30, msg: 'said', request_id: 'r' });
  expect(new Date(line.time).toISOString()).toBe(line.time);
});
