import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { aPerson, forTheCloud, type Logins, startLogins } from './world.ts';

const none = '0123456789abcdef0';
const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'none' };

describe.each<['subdomain' | 'path', string, Record<string, string>]>([
  ['subdomain', 'on a laptop', {}],
  ['path', 'on a laptop', { RESTAPI_URL_PREFIX: '/api/v1' }],
  ['subdomain', 'in AWS', forTheCloud],
  ['path', 'in AWS', forTheCloud],
])('with workbenches by %s, %s', (mode, _where, environment) => {
  let world: Logins;
  let ann: string;
  let bobs: string;
  beforeAll(async () => {
    world = await startLogins({ mode, environment });
    [ann, bobs] = [await world.create('ann'), await world.create('bob')];
  });
  afterAll(async () => await world[Symbol.asyncDispose]());

  test('a person with nothing but a browser opens the public endpoint, logs in, and is where they wanted to be', async () => {
    const person = aPerson(world);
    const { url, answer } = await person.open(`${world.endpointOf(ann)}/lab?x=1`, 'ann');
    const { host } = new URL(world.originOf(ann));
    const path = new URL(`${world.endpointOf(ann)}/ws`).pathname;
    const socket = new WebSocket(`${world.first.url.replace('http', 'ws')}${path}`, {
      headers: { host, origin: world.originOf(ann), cookie: person.cookieAt(url) },
    });
    await once(socket, 'open');
    socket.terminate();

    expect([answer.status, url.href]).toEqual([200, `${world.endpointOf(ann)}/lab?x=1`]);
    expect(answer.text).toBe(`the application at ${url.pathname}?x=1`);
    expect(world.seen.at(-1)?.headers['x-workbench-user']).toBe('ann');
    expect(JSON.stringify(world.seen)).not.toMatch(/__Host-wb|wb_[0-9a-f]{8}|wb-user|[?&]t=/);
  });

  test('a second workbench of theirs opens without another question', async () => {
    const person = aPerson(world);
    const second = await world.create('ann');
    await person.open(`${world.endpointOf(ann)}/`, 'ann');
    const { url, answer } = await person.go(`${world.endpointOf(second)}/`);
    expect([answer.status, url.href]).toEqual([200, `${world.endpointOf(second)}/`]);
  });

  test('who has no right gets the same answer as where nothing is, before the login and after', async () => {
    const answers = [];
    for (const wid of [ann, none]) {
      const person = aPerson(world);
      const before = await person.step(new URL(`${world.endpointOf(wid)}/`));
      const { answer } = await person.open(`${world.endpointOf(wid)}/`, 'bob');
      const told = (text: string) => text.replaceAll(wid, 'ID').replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'REQUEST');
      const names = [...answer.headers.keys()];
      answers.push([
        before.status,
        told(before.location).replace(/n=[\w-]{43}/, 'n=H'),
        answer.status,
        told(answer.text),
        names,
      ]);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.[2]).toBe(404);
    expect(String(answers[0]?.[3])).not.toContain('ann');
  });

  test('what is no navigation is told 401, never led elsewhere: a call, a socket, an asset, a frame', async () => {
    const url = `${world.endpointOf(ann)}/api`;
    const asked: [Record<string, string>, object?][] = [
      [
        {
          accept: 'application/json',
          'sec-fetch-mode': 'cors',
          'sec-fetch-site': 'same-origin',
          'sec-fetch-dest': 'empty',
        },
      ],
      [{ accept: 'image/*', 'sec-fetch-mode': 'no-cors', 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'image' }],
      [{}],
      [
        { ...page, 'sec-fetch-dest': 'document' },
        { method: 'POST', body: 'x=1' },
      ],
      [{ ...page, 'sec-fetch-dest': 'iframe' }],
    ];
    for (const [headers, more] of asked) {
      const { status, location, headers: answered } = await world.send(url, headers, more);
      expect([headers, status, location, answered.getSetCookie()]).toEqual([headers, 401, '', []]);
    }
    const socket = new WebSocket(`${world.first.url.replace('http', 'ws')}${new URL(url).pathname}`, {
      headers: { host: new URL(url).host, origin: world.originOf(ann) },
    });
    const [, refused] = await once(socket, 'unexpected-response');
    expect(refused.statusCode).toBe(401);
  });

  test('a frontend with a key opens a workbench for its user by a link', async () => {
    const { url = '' } = await world.call('POST', `/workbenches/${bobs}/open?user_id=bob`, { path: '/lab' });
    const { answer } = await aPerson(world).go(url);
    expect([answer.status, answer.text]).toEqual([200, expect.stringMatching(/^the application at .*\/lab$/)]);
  });
});
