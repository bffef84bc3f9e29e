import { finished } from 'node:stream/promises';
import { expect, test } from '@jest/globals';
import { createLogSink } from '../../src/logs/createLogSink.ts';
import type { LogEvent } from '../../src/logs/LogStream.ts';

async function messagesOf(...chunks: readonly (string | Buffer)[]): Promise<string[]> {
  const events: LogEvent[] = [];
  const sink = createLogSink(
    async (appended) => void events.push(...appended),
    () => 7,
  );
  for (const chunk of chunks) sink.write(chunk);
  await finished(sink.end());
  expect(new Set(events.map(({ timestamp }) => timestamp))).toEqual(new Set([7]));
  return events.map(({ message }) => message);
}

const euro = Buffer.from('€');

test.each<[string, readonly (string | Buffer)[], string[]]>([
  ['lines', ['one\ntwo\n'], ['one', 'two']],
  ['a line in pieces', ['o', 'n', 'e\n'], ['one']],
  ['a character in pieces', [euro.subarray(0, 1), euro.subarray(1), '\n'], ['€']],
  ['empty lines', ['one\n\n\ntwo\n'], ['one', 'two']],
  ['a line without an end', ['one\ntwo'], ['one', 'two']],
  ['what is no UTF-8', [Buffer.from([0x61, 0xff, 0x0a])], ['a\ufffd']],
])('%s', async (_what, chunks, messages) => {
  expect(await messagesOf(...chunks)).toEqual(messages);
});

test('a line that is longer than CloudWatch takes is cut, and no character of it', async () => {
  const line = `a${'€'.repeat(200_000)}`;
  const messages = await messagesOf(`${line}\nnext\n`);
  expect(messages.at(-1)).toBe('next');
  expect(messages.slice(0, -1).join('')).toBe(line);
  for (const message of messages) expect(Buffer.byteLength(message)).toBeLessThanOrEqual(262_118);
});
