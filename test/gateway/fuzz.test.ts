import { expect, test } from '@jest/globals';
import { fuzz } from './fuzz.ts';
import { StrictParser } from './strictParser.ts';

const SEED = 20261124;

test('hostile bytes, from clients and from tasks: no crash, nothing left open, no request that nobody made', async () => {
  const { faults, taken, seen, inputs } = await fuzz(1_500, SEED);

  expect(faults).toEqual([]);
  // As many as make the test mean something.
  expect(taken).toBeGreaterThan(inputs / 10);
  expect(seen).toBeGreaterThan(inputs / 20);
});

test.each([
  ['a line that ends in LF alone', 'GET / HTTP/1.1\nHost: x\r\n\r\n'],
  ['two lengths', 'GET / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n'],
  ['length and chunks', 'POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a folded header', 'GET / HTTP/1.1\r\nX: y\r\n z\r\n\r\n'],
  ['a chunk’s extension', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;x\r\nZ\r\n0\r\n\r\n'],
])('the task that watches would notice %s', (_what, text) => {
  const parser = new StrictParser();
  parser.read(Buffer.from(text));
  expect(parser.fault).toBeDefined();
});

test('the task that watches counts what is hidden in a body as a request, if it is sent as one', () => {
  const parser = new StrictParser();
  parser.read(Buffer.from('POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET /b HTTP/1.1\r\n\r\n'));
  expect(parser.targets).toEqual(['/a', '/b']);
});
