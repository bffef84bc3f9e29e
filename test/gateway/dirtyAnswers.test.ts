import { afterEach, describe, expect, test } from '@jest/globals';
import { answering, client, rawTask, type Wire } from './raw.ts';
import { closeAll, front, workbenchId, workbenchPath } from './servers.ts';

afterEach(closeAll);

/** What a task must not say, whatever it answers, and one cookie of its own. */
const said = [
  'Set-Cookie: app=1',
  'Set-Cookie: tossed=1; Domain=example.net',
  `Set-Cookie: wb_${workbenchId}=forged; Path=/`,
  'Set-Cookie: __Host-wb=forged; Path=/; Secure',
  'Clear-Site-Data: "cookies"',
  'Strict-Transport-Security: max-age=31536000; includeSubDomains',
  'Service-Worker-Allowed: /',
].map((line) => `${line}\r\n`);
const head = (status: string) => `HTTP/1.1 ${status}\r\n${said.join('')}`;
const empty = 'Content-Length: 0\r\n\r\n';
const accept = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n';

const plain = 'Host: localhost\r\n\r\n';
const opening = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n${plain}`;

describe('nothing for the whole host comes from a task', () => {
  test.each([
    ['with 200', 'GET', plain, head('200 OK') + empty],
    ['with 404', 'GET', plain, head('404 Not Found') + empty],
    ['with 500', 'POST', `Content-Length: 0\r\n${plain}`, head('500 Oh') + empty],
    ['with 401', 'GET', plain, head('401 Who') + empty],
    ['with 304', 'GET', `If-None-Match: "a"\r\n${plain}`, `${head('304 Not Modified')}\r\n`],
    ['with 204', 'GET', plain, `${head('204 None')}\r\n`],
    ['to HEAD', 'HEAD', plain, head('200 OK') + empty],
    ['with hints', 'GET', plain, `${head('103 Hints')}\r\n${head('200 OK')}${empty}`],
    [
      'with trailers',
      'GET',
      plain,
      `${head('200 OK')}Transfer-Encoding: chunked\r\n\r\n0\r\n${said.slice(1).join('')}\r\n`,
    ],
    ['on a websocket’s opening', 'GET', opening, head('101 Switching Protocols') + accept],
    ['on an opening that it refuses', 'GET', opening, head('403 Forbidden') + empty],
    ['on an opening that it answers as a page', 'GET', opening, `${head('200 OK')}Content-Length: 2\r\n\r\nhi`],
  ])('%s', async (_what, method, headers, answer) => {
    const { port } = await rawTask(answering(answer));
    const { port: entry } = await front(port);

    const wire: Wire = client(entry, `${method} ${workbenchPath}/ HTTP/1.1\r\n${headers}`);
    // Its last head is what the answer is.
    const text = await wire.until(/HTTP\/1\.1 (?!103)\d{3}[\s\S]*?\r\n\r\n/);
    wire.socket.destroy();

    expect(text.toLowerCase()).toContain('set-cookie: app=1\r\n');
    expect(text).not.toMatch(/forged|tossed|clear-site-data|strict-transport|service-worker-allowed/i);
  });
});
