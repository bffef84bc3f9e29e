import { describe, expect, test } from '@jest/globals';
import { createEntries, hashOf } from '../../src/access/entry/createEntries.ts';
import { type BaseUrl, parseBaseUrl } from '../../src/access/hosts/baseUrl.ts';
import { sessionClaims, ticketClaims } from '../../src/access/signed/claims.ts';
import { createSigned } from '../../src/access/signed/createSigned.ts';
import { createUsed } from '../../src/access/signed/createUsed.ts';
import { fakeClock, HOUR } from './fakeClock.ts';

const WID = '0123456789abcdef0';
const OTHER = 'fedcba98765432100';
const secrets = ['s'.repeat(32)];

/** One replica, and what a browser does with the cookies it is given. */
function world(url = 'https://{wid}.wb.example.net') {
  const clock = fakeClock();
  const tickets = createSigned({ kind: 'ticket', secrets, claims: ticketClaims, clock });
  const sessions = createSigned({ kind: 'session', secrets, claims: sessionClaims, clock });
  let count = 0;
  const entries = createEntries({
    base: () => parseBaseUrl(url) as BaseUrl,
    framed: false,
    tickets,
    sessions,
    used: createUsed(clock),
    clock,
    random: () => {
      count += 1;
      return String(count).padStart(43, 'r');
    },
  });
  const seconds = () => Math.floor(clock.now() / 1000);
  const entrant = (user: string) => ({ user, sub: `sub-${user}`, auth_time: seconds() });
  const admit = (ticket: string, cookie?: string, more: object = {}) =>
    entries.admit({ workbenchId: WID, ticket, next: '/lab', cookie, confirmed: false, ...more });
  return { clock, tickets, sessions, entries, seconds, entrant, admit };
}

const cookieOf = (cookies: readonly string[]) => cookies.map((cookie) => cookie.split(';')[0]).join('; ');

describe('a browser that set out from a workbench', () => {
  test.each([
    ['https://{wid}.wb.example.net', '__Host-wb', '', '/'],
    ['https://cloud.example/project', `wb_${WID}`, `/project/${WID}`, `/project/${WID}/`],
  ])('at %s comes back with a ticket and gets a cookie for 12 h from its login', (url, name, prefix, path) => {
    const { clock, entries, sessions, entrant, seconds, admit } = world(url);
    const ann = entrant('ann');
    const { hash, cookies } = entries.setOut(WID, undefined);
    clock.pass(HOUR);
    const { ticket, exp } = entries.ticket(WID, ann, hash);
    expect(exp).toBe(seconds() + 60);
    const admission = admit(ticket, cookieOf(cookies));
    if (admission.kind !== 'admitted') throw new Error(admission.rule);
    expect(admission).toMatchObject({ user: 'ann', location: `${prefix}/lab`, rule: 'ticket-of-this-browser' });
    const [cookie = ''] = admission.cookies;
    expect(cookie).toContain(`; Path=${path}; Max-Age=${11 * 3600}; HttpOnly; SameSite=Lax; Secure`);
    expect(cookie.startsWith(`${name}=`)).toBe(true);
    expect(sessions.verify(cookie.split(/[=;]/)[1] ?? '')).toEqual({
      wid: WID,
      ...ann,
      iat: seconds(),
      exp: ann.auth_time + 12 * 3600,
    });
  });

  test('keeps its nonce through several tabs, and gets another for one that is none of ours', () => {
    const { entries } = world();
    const first = entries.setOut(WID, undefined);
    expect(entries.setOut(WID, `a=b; ${cookieOf(first.cookies)}`).hash).toBe(first.hash);
    expect(entries.setOut(WID, '__Host-wb-nonce=short').hash).not.toBe(hashOf('short'));
  });

  test('is the only one whom its ticket serves', () => {
    const { entries, entrant, admit } = world();
    const attacker = entries.setOut(WID, undefined);
    const victim = entries.setOut(WID, undefined);
    const { ticket } = entries.ticket(WID, entrant('ann'), attacker.hash);
    const refused = { kind: 'refused', rule: 'ticket-other-browser' };
    expect(admit(ticket, cookieOf(victim.cookies))).toEqual(refused);
    expect(admit(ticket)).toEqual(refused);
    expect(admit(ticket, cookieOf([...victim.cookies, ...attacker.cookies]))).toMatchObject({ kind: 'admitted' });
  });
});

describe('a ticket', () => {
  test('for another workbench, altered, of another kind or too old is refused', () => {
    const { clock, entries, sessions, entrant, seconds, admit } = world();
    const { ticket } = entries.ticket(WID, entrant('ann'), undefined);
    const elsewhere = entries.ticket(OTHER, entrant('ann'), undefined).ticket;
    const session = { wid: WID, ...entrant('ann'), iat: seconds(), exp: seconds() + 60 };
    expect(admit(elsewhere)).toEqual({ kind: 'refused', rule: 'ticket-elsewhere' });
    for (const bad of [`${ticket}x`, '', sessions.sign(session)]) {
      expect(admit(bad)).toEqual({ kind: 'refused', rule: 'ticket-invalid' });
    }
    clock.pass(60_000);
    expect(admit(ticket)).toEqual({ kind: 'refused', rule: 'ticket-invalid' });
  });

  test('serves once at a replica; who is in already goes on', () => {
    const { entries, entrant, admit } = world();
    const { ticket } = entries.ticket(WID, entrant('ann'), undefined);
    const admission = admit(ticket);
    expect(admission).toMatchObject({ kind: 'admitted', rule: 'ticket' });
    expect(admit(ticket)).toEqual({ kind: 'refused', rule: 'ticket-used' });
    const cookie = admission.kind === 'admitted' ? cookieOf(admission.cookies) : '';
    expect(admit(ticket, cookie)).toMatchObject({ kind: 'admitted', cookies: [], location: '/lab' });
  });

  test('is one of its kind, though made for the same in the same second', () => {
    const { entries, entrant, admit } = world();
    const [one, two] = [0, 1].map(() => entries.ticket(WID, entrant('ann'), undefined).ticket);
    expect(admit(one ?? '')).toMatchObject({ kind: 'admitted' });
    expect(admit(two ?? '')).toMatchObject({ kind: 'admitted' });
  });

  test('not bound to a browser asks first where somebody else is signed in, and costs nothing by asking', () => {
    const { entries, entrant, admit } = world();
    const bobs = admit(entries.ticket(WID, entrant('bob'), undefined).ticket);
    const cookie = bobs.kind === 'admitted' ? cookieOf(bobs.cookies) : '';
    const { ticket } = entries.ticket(WID, entrant('ann'), undefined);
    expect(admit(ticket, cookie)).toEqual({ kind: 'ask', user: 'ann', current: 'bob', rule: 'ticket-other-user' });
    expect(admit(ticket, cookie, { confirmed: true })).toMatchObject({ kind: 'admitted', user: 'ann' });
  });

  test('leads nowhere but into its workbench', () => {
    const { entries, entrant, admit } = world('https://cloud.example/project');
    const { ticket } = entries.ticket(WID, entrant('ann'), undefined);
    expect(admit(ticket, undefined, { next: `/../${OTHER}/../../x` })).toMatchObject({ location: `/project/${WID}/x` });
    expect(entries.enterUrl(WID, 'a.b', '/lab?x=1&y')).toBe(
      `https://cloud.example/project/${WID}/.workbench/enter?t=a.b&next=%2Flab%3Fx%3D1%26y`,
    );
  });
});
