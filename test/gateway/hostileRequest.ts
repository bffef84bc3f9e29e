/** Requests that two parsers might read in two ways; the same seed makes the same ones. */

export type Random = () => number;

/** Mulberry32: small, and the same on every machine. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pick = <T>(random: Random, choices: readonly [T, ...T[]]): T =>
  choices[Math.floor(random() * choices.length)] ?? choices[0];

/** Mostly the usual: an input with everything wrong is refused for the first of it, and tells nothing of the rest. */
const odd = (random: Random, usual: string, others: readonly [string, ...string[]]): string =>
  random() < 0.12 ? pick(random, others) : usual;

/** @param path of a workbench, without the trailing slash; the part after it names the input */
export function hostileRequest(random: Random, path: string, name: string): Buffer {
  const hidden = `GET ${path}/smuggled-${name} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const end = odd(random, '\r\n', ['\n', '\r', '\r\r\n', '\n\r\n']);
  const usual = pick(random, ['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PROPFIND']);
  const method = odd(random, usual, ['get', 'GET\t', ' GET', 'CONNECT']);
  const target = odd(random, `${path}/${name}`, [
    `${path}/${name}?a=b c`,
    `http://x${path}/${name}`,
    `${path}/${name}\x00`,
    `//x${path}/${name}`,
    `${path}/${name}#x`,
    '*',
  ]);
  const version = odd(random, 'HTTP/1.1', ['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.1 ', '']);
  const size = Buffer.byteLength(hidden);
  const hex = size.toString(16);
  const body = pick(random, [
    hidden,
    `0\r\n\r\n${hidden}`,
    `${hex}\r\n${hidden}\r\n0\r\n\r\n`,
    `${hex};x=${hidden}\r\n${hidden}\r\n0\r\n\r\n`,
    `${hex}\n${hidden}\n0\n\n${hidden}`,
    `0x${hex}\r\n${hidden}\r\n0\r\n\r\n`,
    `${hex} \r\n${hidden}\r\n0\r\nX: y\r\n\r\n`,
    `1\r\nZ\r\n0\r\nContent-Length: 5\r\n\r\n${hidden}`,
    `ffffffffffffffff1\r\n${hidden}`,
    `-1\r\n${hidden}`,
    '',
  ]);
  const fitting = body.startsWith(hex) ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
  const framing = pick(random, [
    fitting,
    fitting,
    fitting,
    '',
    `Content-Length: ${size}`,
    'Content-Length: 0',
    `Content-Length: ${body.length}`,
    `Content-Length: +${size}`,
    `Content-Length: ${size}, ${size}`,
    `Content-Length: 0${end}Content-Length: ${size}`,
    `Content-Length : ${size}`,
    `Content-Length:${size}${end}Transfer-Encoding: chunked`,
    `Transfer-Encoding: chunked${end}Content-Length: 4`,
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: Chunked',
    'Transfer-Encoding: chunked, chunked',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding: identity',
    'Transfer-Encoding:\x0bchunked',
    `Transfer-Encoding:${end} chunked`,
    `Transfer-Encoding: chunked${end}Transfer-Encoding: identity`,
    'Transfer_Encoding: chunked',
    'transfer-encoding\x00: chunked',
    `X: y${end} Transfer-Encoding: chunked`,
    `Connection: Content-Length, Transfer-Encoding, Host${end}Content-Length: ${size}`,
    `Expect: 100-continue${end}Content-Length: ${size}`,
    `Upgrade: websocket${end}Connection: Upgrade${end}Sec-WebSocket-Version: 13`,
    `Upgrade: websocket${end}Connection: Upgrade${end}Content-Length: ${size}`,
    `Upgrade: h2c${end}Connection: Upgrade${end}Content-Length: ${size}`,
  ]);
  const host = odd(random, 'Host: x', ['', 'Host: x\r\nHost: y', 'Host:', 'Host: x y', 'Host: x\rHost: y']);
  const other = pick(random, [
    '',
    'X: y',
    'A:',
    'Cookie: a=1\r\nCookie: b',
    `X: \r\n${hidden}`,
    `X-Y: ${'z'.repeat(300)}`,
  ]);
  const lines = [host, framing, other].filter((line) => line !== '');
  if (random() < 0.3) lines.reverse();
  const text = `${method} ${target} ${version}${end}${lines.map((line) => line + end).join('')}${end}${body}`;
  return random() < 0.2 ? mutated(random, Buffer.from(text, 'latin1')) : Buffer.from(text, 'latin1');
}

function mutated(random: Random, bytes: Buffer): Buffer {
  let mutant = bytes;
  for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
    const at = Math.floor(random() * mutant.length);
    const byte = pick(random, [0, 9, 10, 13, 32, 44, 58, 59, 127, 255, Math.floor(random() * 256)]);
    const kind = Math.floor(random() * 3);
    mutant = Buffer.concat([
      mutant.subarray(0, at),
      kind === 0 ? Buffer.alloc(0) : Buffer.from([byte]),
      mutant.subarray(kind === 1 ? at : at + 1),
    ]);
  }
  return mutant;
}

/** What a task may answer that is none, or too much, or two. */
export function hostileAnswer(random: Random): Buffer {
  const body = pick(random, ['ok', '2\r\nok\r\n0\r\n\r\n', '2\r\nok', 'zz\r\nok', '']);
  const text = `${pick(random, ['HTTP/1.1 200 OK', 'HTTP/1.1 200 O\x01K', 'HTTP/1.1 100 C', 'HTTP/1.1 101 S', 'HTTP/1.1 000 X', 'HTTP/1.0 200', 'ICY 200 OK', 'HTTP/1.1 304 N', 'HTTP/1.1 999 ?'])}\r\n${pick(
    random,
    [
      'Content-Length: 2\r\n',
      'Content-Length: 1\r\n',
      'Content-Length: 2\r\nContent-Length: 3\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Transfer-Encoding: chunked\r\nContent-Length: 2\r\n',
      'Trailer: X\r\nTransfer-Encoding: gzip, chunked\r\n',
      'Upgrade: websocket\r\nConnection: Upgrade\r\n',
      'Location: http://[\r\n',
      `X: ${'y'.repeat(70_000)}\r\n`,
      ': x\r\n',
      '',
    ],
  )}\r\n${body}`;
  const bytes = Buffer.from(random() < 0.2 ? text + text : text, 'latin1');
  return random() < 0.3 ? mutated(random, bytes) : bytes;
}
