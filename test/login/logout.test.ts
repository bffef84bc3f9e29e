import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { eventually } from '../support/eventually.ts';
import { aPerson, type Logins, startLogins } from './world.ts';

/** An answer that goes on, and others. */
function streaming({ url }: IncomingMessage, response: ServerResponse): void {
  if (url === '/stream') response.write('first');
  else response.end('the application');
}

type Person = ReturnType<typeof aPerson>;

let world: Logins;
let ann: string;
let bobs: string;
beforeAll(async () => {
  const pace = { sweepEveryMs: 100, lookEveryMs: 600_000 };
  world = await startLogins({ mode: 'subdomain', controllers: 2, pace, application: streaming });
  [ann, bobs] = [await world.create('ann'), await world.create('bob')];
});
afterAll(async () => await world[Symbol.asyncDispose]());

const home = (wid: string) => `${world.endpointOf(wid)}/`;

/** At whichever controller: whether the cookie still opens the workbench. */
async function statusAt(person: Person, at: Logins['first'], wid = ann): Promise<number> {
  // An answer on its way when the logout comes to be known is cut as well.
  return await world.send(home(wid), { cookie: person.cookieAt(home(wid)) }, { at }).then(
    ({ status }) => status,
    () => 0,
  );
}

async function socketAt(person: Person, at: Logins['first'], wid = ann): Promise<WebSocket> {
  const headers = {
    host: new URL(home(wid)).host,
    origin: world.originOf(wid),
    cookie: person.cookieAt(home(wid)),
  };
  const socket = new WebSocket(`${at.url.replace('http', 'ws')}/ws`, { headers });
  await once(socket, 'open');
  return socket;
}

/** @returns what ends when the answer does */
async function streamAt(person: Person, at: Logins['first']): Promise<Promise<unknown>[]> {
  const { host } = new URL(home(ann));
  const asking = request(`${at.url}/stream`, { headers: { host, cookie: person.cookieAt(home(ann)) }, agent: false });
  asking.end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  answer.on('error', () => undefined);
  await once(answer, 'data');
  return [new Promise((resolve) => answer.once('close', resolve))];
}

/** Presses the button of our page, and goes on to the provider. */
async function logOut(person: Person) {
  const asked = await person.go(`${world.publicUrl}/auth/logout`);
  const answer = await person.step(new URL(`${world.publicUrl}/auth/logout`), { method: 'POST', body: '' });
  person.keep(asked.url, answer.headers.getSetCookie());
  return { asked: asked.answer, answer };
}

async function confirmAtProvider(person: Person, start: string) {
  const { url, answer } = await person.go(start);
  const [, xsrf = ''] = /name="xsrf" value="(\w+)"/.exec(answer.text) ?? [];
  const body = String(new URLSearchParams({ xsrf, logout: 'yes' }));
  return await person.go(new URL('/session/end/confirm', url), undefined, { method: 'POST', body });
}

describe('a logout', () => {
  test('at one controller shuts the cookie out of the other, cuts its sockets there, and ends at the provider', async () => {
    const [person, other] = [aPerson(world), aPerson(world)];
    await person.open(home(ann), 'ann');
    await other.open(home(bobs), 'bob');
    const [here, there] = [await socketAt(person, world.first), await socketAt(person, world.second)];
    const bobsSocket = await socketAt(other, world.second, bobs);
    const cuts = Promise.all([once(here, 'close'), once(there, 'close'), ...(await streamAt(person, world.second))]);
    expect([await statusAt(person, world.first), await statusAt(person, world.second)]).toEqual([200, 200]);

    const { asked, answer } = await logOut(person);
    expect([asked.status, asked.text]).toEqual([200, expect.stringContaining('Log out?')]);
    expect([answer.status, answer.location]).toEqual([
      303,
      expect.stringMatching(`^${world.provider.issuer}/session/end`),
    ]);
    expect(await statusAt(person, world.first)).toBe(401);
    await eventually(
      () => statusAt(person, world.second),
      (status) => status === 401,
    );
    await cuts;
    expect(
      world.cloud
        .look()
        .accessPoints.map(({ tags }) => JSON.stringify(tags).includes('workbench:not-before'))
        .sort(),
    ).toEqual([false, true]);

    const { url, answer: end } = await confirmAtProvider(person, answer.location);
    expect([url.href, end.text]).toEqual([
      `${world.publicUrl}/auth/logged-out`,
      expect.stringContaining('You are logged out'),
    ]);
    // Bob is who he was.
    expect([await statusAt(other, world.second, bobs), bobsSocket.readyState]).toEqual([200, WebSocket.OPEN]);
    bobsSocket.terminate();

    // The old cookie leads to the login, which asks for the password again; and then everything is as before.
    const again = await person.open(home(ann), 'ann');
    expect([again.answer.status, again.url.href]).toEqual([200, home(ann)]);
    expect(await statusAt(person, world.second)).toBe(200);
  });

  test('at the provider alone is told behind the browser’s back, and shuts out everywhere as well', async () => {
    const person = aPerson(world);
    await person.open(home(ann), 'ann');
    const there = await socketAt(person, world.second);
    const cut = once(there, 'close');
    await confirmAtProvider(person, `${world.provider.issuer}/session/end`);
    expect(await statusAt(person, world.first)).toBe(401);
    await cut;
    expect(await statusAt(person, world.second)).toBe(401);
  });

  test('asked for by a page of others, a workbench’s among them, is none', async () => {
    const person = aPerson(world);
    await person.open(home(ann), 'ann');
    const url = `${world.publicUrl}/auth/logout`;
    const cookie = person.cookieAt(url);
    expect(cookie).toContain('__Host-wb-user=');
    for (const origin of ['https://evil.example', world.originOf(ann), 'null', undefined]) {
      const refused = await world.send(url, { cookie, ...(origin ? { origin } : {}) }, { method: 'POST', body: '' });
      expect([origin, refused.status]).toEqual([origin, 403]);
    }
    expect(await statusAt(person, world.first)).toBe(200);
  });

  test('while AWS does not take it says so, counts here at once, and reaches the other controller when it does', async () => {
    const person = aPerson(world);
    await person.open(home(ann), 'ann');
    world.cloud.setFaults([{ operation: 'TagResource', kind: 'error', when: 'before' }]);
    const { answer } = await logOut(person);
    expect(answer.text).toContain('Log out again');
    expect([answer.status, await statusAt(person, world.first), await statusAt(person, world.second)]).toEqual([
      503, 401, 200,
    ]);
    world.cloud.setFaults([]);
    await eventually(
      () => statusAt(person, world.second),
      (status) => status === 401,
    );
  });
});
