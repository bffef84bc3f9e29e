import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sessionClaims, ticketClaims } from '../../src/access/signed/claims.ts';
import { createSigned } from '../../src/access/signed/createSigned.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type Answer, aPerson, type Logins, SESSION_KEY, startLogins } from './world.ts';

type Person = ReturnType<typeof aPerson>;

let world: Logins;
let ann: string;
let second: string;
beforeAll(async () => {
  world = await startLogins({ mode: 'subdomain' });
  [ann, second] = [await world.create('ann'), await world.create('ann')];
});
afterAll(async () => await world[Symbol.asyncDispose]());

const home = (wid: string) => `${world.endpointOf(wid)}/`;
const toCallback = (url: URL) => url.pathname.endsWith('/auth/callback');
const toEnter = (url: URL) => url.pathname === '/.workbench/enter';
const names = (answer: Answer) => answer.headers.getSetCookie().map((line) => line.split('=')[0]);

/** A page of ours that nobody frames, keeps, or learns of. */
function expectSafe({ headers }: Answer): void {
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff']);
  expect(['no-referrer', 'strict-origin']).toContain(headers.get('referrer-policy'));
}

describe('a callback', () => {
  async function atCallback(person: Person, user = 'ann'): Promise<URL> {
    return (await person.open(home(ann), user, toCallback)).url;
  }

  test.each<[string, (url: URL) => void]>([
    ['with another state', ({ searchParams }) => searchParams.set('state', 'x'.repeat(43))],
    ['without state', ({ searchParams }) => searchParams.delete('state')],
    ['of another issuer', ({ searchParams }) => searchParams.set('iss', 'https://evil.example')],
    ['without issuer', ({ searchParams }) => searchParams.delete('iss')],
    ['with a made-up code', ({ searchParams }) => searchParams.set('code', 'x')],
    [
      'with nothing',
      (url) => {
        url.search = '';
      },
    ],
    [
      'of a login that was broken off',
      (url) => {
        const { searchParams } = url;
        searchParams.delete('code');
        searchParams.set('error', 'access_denied');
      },
    ],
  ])('%s lets nobody in, and says to begin again', async (_what, change) => {
    const person = aPerson(world);
    const url = await atCallback(person);
    change(url);
    const answer = await person.step(url);
    expect([answer.status, answer.location, names(answer)]).toEqual([401, '', []]);
    expect(answer.text).toContain('begin again');
    expectSafe(answer);
  });

  test('in another browser lets nobody in, nor with the cookie of another attempt', async () => {
    const [person, other] = [aPerson(world), aPerson(world)];
    const url = await atCallback(person);
    await atCallback(other, 'bob');
    expect([(await aPerson(world).step(url)).status, (await other.step(url)).status]).toEqual([401, 401]);
  });

  test('with the code of another attempt in the same browser lets nobody in: verifier and nonce are that one’s', async () => {
    const person = aPerson(world);
    const [one, two] = [await atCallback(person), await atCallback(person)];
    one.searchParams.set('code', two.searchParams.get('code') ?? '');
    expect((await person.step(one)).status).toBe(401);
  });

  test('serves once', async () => {
    const person = aPerson(world);
    const url = await atCallback(person);
    const cookie = person.cookieAt(url);
    expect((await person.step(url)).status).toBe(303);
    expect((await person.step(url)).status).toBe(401);
    // A thief with the cookie as well is told no by the provider.
    expect((await world.send(url, { cookie, accept: 'text/html' })).status).toBe(401);
  });

  test('of two tabs leads each where it wanted to be', async () => {
    const person = aPerson(world);
    const one = (await person.open(`${home(ann)}one`, 'ann', toCallback)).url;
    const two = (await person.open(`${home(second)}two`, 'ann', toCallback)).url;
    expect((await person.go(two)).url.href).toBe(`${home(second)}two`);
    expect((await person.go(one)).url.href).toBe(`${home(ann)}one`);
  });

  test('after thirty tabs were opened finds its cookie, and the browser can still speak', async () => {
    const person = aPerson(world);
    for (let tab = 0; tab < 30; tab += 1)
      await person.go(`${home(ann)}${tab}`, (url) => url.origin === world.provider.issuer);
    const logins = person
      .cookieAt(world.publicUrl)
      .split('; ')
      .filter((pair) => pair.startsWith('__Host-wb-login-'));
    expect(logins).toHaveLength(12);
    expect((await person.open(`${home(ann)}last`, 'ann')).url.href).toBe(`${home(ann)}last`);
  });
});

describe('where a browser wants to go', () => {
  const evils = [
    '//evil.example',
    '/\\evil.example',
    '///evil.example',
    'https:evil.example',
    'https://evil.example',
    '%2f%2fevil.example',
    '/%09/evil.example',
    '/\r\nLocation: https://evil.example',
    '"><img src=x>',
    '/.//evil.example',
  ];

  test.each(evils)('is never another site: %j', async (next) => {
    const query = new URLSearchParams({ next });
    const person = aPerson(world);
    const arrived = await person.open(`${home(ann)}.workbench/login?${query}`, 'ann');
    expect([arrived.answer.status, arrived.url.origin]).toEqual([200, world.originOf(ann)]);
    const back = await person.open(
      `${world.publicUrl}/auth/login?${query}`,
      'ann',
      (url) => url.pathname !== '/auth/callback' && url.origin !== world.provider.issuer,
    );
    expect(back.url.origin).toBe(world.publicUrl);
  });

  test('is nowhere without a workbench’s own mark', async () => {
    for (const path of [
      `/auth/enter/${ann}`,
      `/auth/enter/${ann}?n=x&next=/`,
      `/auth/enter/not-an-id?n=${'h'.repeat(43)}`,
    ]) {
      const answer = await aPerson(world).step(new URL(`${world.publicUrl}${path}`));
      expect([path, answer.status, names(answer)]).toEqual([path, 400, []]);
      expectSafe(answer);
    }
  });
});

describe('a ticket of a browser that set out', () => {
  let person: Person;
  let url: URL;
  beforeEach(async () => {
    person = aPerson(world);
    url = (await person.open(home(ann), 'ann', toEnter)).url;
  });

  test('lets it in, once, and a reload is no fault', async () => {
    expect(await person.step(url)).toMatchObject({ status: 303, location: '/' });
    const again = await person.step(url);
    expect([again.status, names(again)]).toEqual([303, []]);
    person.jars.get(url.host)?.delete('__Host-wb');
    expect((await person.step(url)).status).toBe(403);
  });

  test('serves no other browser, with or without a nonce of its own', async () => {
    const [other, stranger] = [aPerson(world), aPerson(world)];
    await other.open(home(ann), 'bob', toEnter);
    for (const thief of [other, stranger]) {
      const answer = await thief.step(url);
      expect([answer.status, names(answer)]).toEqual([403, []]);
      expectSafe(answer);
    }
    expect((await person.step(url)).status).toBe(303);
  });

  test('serves at no other workbench, not altered, and nothing else of ours passes for one', async () => {
    await person.open(home(second), 'ann', toEnter);
    const elsewhere = new URL(`${url.pathname}${url.search}`, home(second));
    expect((await person.step(elsewhere)).status).toBe(403);
    const cookies = person
      .cookieAt(world.publicUrl)
      .split('; ')
      .map((pair) => pair.split('=')[1] ?? '');
    const ticket = url.searchParams.get('t') ?? '';
    const [claims = '', mac = ''] = ticket.split('.');
    const bobs = Buffer.from(String(Buffer.from(claims, 'base64url')).replace('"ann"', '"bob"')).toString('base64url');
    for (const forged of [`${bobs}.${mac}`, `${claims}.${mac.slice(0, -1)}`, claims, '', ...cookies]) {
      url.searchParams.set('t', forged);
      expect([forged, (await person.step(url)).status]).toEqual([forged, 403]);
    }
  });

  test('and a session that have ended, or were signed with a key that was taken out, are none', async () => {
    const now = Math.floor(Date.now() / 1000);
    const login = { wid: ann, user: 'ann', auth_time: now - 9 };
    const signedBy = (secret: string, exp: number) => {
      const by = { secrets: [secret], clock: systemClock };
      const tickets = createSigned({ kind: 'ticket', claims: ticketClaims, ...by });
      const sessions = createSigned({ kind: 'session', claims: sessionClaims, ...by });
      return {
        ticket: tickets.sign({ id: String(exp), ...login, exp }),
        session: sessions.sign({ iat: now - 9, ...login, exp }),
      };
    };
    const cases: [string, string, number, number, number][] = [
      ['in time', SESSION_KEY, now + 60, 303, 200],
      ['too late', SESSION_KEY, now - 1, 403, 401],
      ['with another key', 'another-secret-that-is-as-long-as-it-needs', now + 60, 403, 401],
    ];
    for (const [what, secret, exp, ofTicket, ofSession] of cases) {
      const { ticket, session } = signedBy(secret, exp);
      url.searchParams.set('t', ticket);
      const cookie = `__Host-wb=${session}`;
      const inside = await world.send(home(ann), {
        cookie,
        accept: 'application/json',
        'sec-fetch-mode': 'cors',
        'sec-fetch-site': 'same-origin',
      });
      expect([what, (await aPerson(world).step(url)).status, inside.status]).toEqual([what, ofTicket, ofSession]);
    }
  });

  test('makes somebody else of who was in: the browser itself asked for that', async () => {
    await person.step(url);
    person.jars.delete(new URL(world.provider.issuer).host);
    const { url: enter } = await person.open(`${home(ann)}.workbench/login`, 'bob', toEnter);
    expect((await person.step(enter)).status).toBe(303);
    expect((await person.step(new URL(home(ann)))).status).toBe(404);
  });
});

describe('the controller’s own pages', () => {
  test('can’t be loaded by a page of others but as a whole: no frame, picture or call gathers logins', async () => {
    for (const path of ['/auth/login', `/auth/enter/${ann}?n=${'h'.repeat(43)}`, '/auth/logout']) {
      for (const [mode, dest] of [
        ['navigate', 'iframe'],
        ['no-cors', 'image'],
        ['cors', 'empty'],
      ] as const) {
        const headers = {
          accept: 'text/html',
          'sec-fetch-site': 'cross-site',
          'sec-fetch-mode': mode,
          'sec-fetch-dest': dest,
        };
        const answer = await world.send(`${world.publicUrl}${path}`, headers);
        expect([path, dest, answer.status, names(answer)]).toEqual([path, dest, 403, []]);
        expectSafe(answer);
      }
    }
  });

  test('are no workbench’s, whose application has those paths for itself', async () => {
    const person = aPerson(world);
    await person.open(home(ann), 'ann');
    expect((await person.step(new URL('/auth/logout', home(ann)))).text).toBe('the application at /auth/logout');
  });

  test('say of methods and of tokens that are none what is wrong', async () => {
    const url = `${world.publicUrl}/auth/backchannel-logout`;
    expect((await world.send(url)).status).toBe(405);
    for (const body of ['', 'logout_token=x', 'logout_token=a.b.c', `x=${'y'.repeat(20_000)}`]) {
      const { status, text } = await world.send(url, {}, { method: 'POST', body });
      expect([status, JSON.parse(text).success]).toEqual([400, false]);
    }
  });
});
