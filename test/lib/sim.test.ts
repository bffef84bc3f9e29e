import { expect, test } from '@jest/globals';
import { NoTurnError, paceCalls } from '../../src/lib/paceCalls.ts';
import { createFakeClock } from '../support/fakeClock.ts';

function rng(seed: number) { return () => { seed = (seed * 1664525 + 1013904223) % 4294967296; return seed / 4294967296; }; }

async function sim(users: number, n: number, rate: number, burst: number, sticky: boolean, seed: number, log = false) {
  const clock = createFakeClock();
  const random = rng(seed);
  let tokens = burst, at = 0, asked = 0;
  const line: string[] = [];
  const call = async () => {
    await clock.sleep(10);
    asked++;
    tokens = Math.min(burst, tokens + (clock.monotonic() - at) / 1000 * rate); at = clock.monotonic();
    if (tokens < 1) throw new Error('throttled');
    tokens -= 1;
    line.push((clock.monotonic()/1000).toFixed(1));
  };
  const ctl = Array.from({ length: n }, () => paceCalls({ perSecond: 5, burst: 5 }, { clock, random, isThrottle: (e) => e instanceof Error && e.message === 'throttled' }));
  let done = 0, end = 0, tries = 0;
  const told: string[] = [];
  for (let u = 0; u < users; u++) {
    void (async () => {
      for (let i = 0; ; i++) {
        tries++;
        try { await ctl[(u + (sticky ? 0 : i)) % n]!.run(call, { user: `u${u}`, urgency: 'soon', until: clock.monotonic() + 5500 }); done++; end = clock.monotonic(); return; }
        catch (e) { if (!(e instanceof NoTurnError)) throw e; told.push(`${(clock.monotonic()/1000).toFixed(1)}+${Math.ceil(e.retryAfterMs/1000)}`); await clock.sleep(Math.ceil(e.retryAfterMs / 1000) * 1000); }
      }
    })();
  }
  for (let i = 0; i < 900 && done < users; i++) await clock.pass(1000);
  if (log) console.log(line.join(' '), '\n', told.join(' '));
  return { done, end: end / 1000, asked, tries, ideal: Math.max(0,(users - burst) / rate) };
}
test('sim', async () => {
  for (const [users, n, rate, burst, sticky] of [[20,1,1,2,true],[20,2,1,2,false],[20,2,1,2,true],[40,1,1,2,true],[100,1,1,2,true],[100,3,1,2,false],[20,1,0.5,2,true],[20,1,0.2,1,true],[100,1,20,50,true],[300,2,20,20,false],[50,1,5,5,true]] as const) {
    const rs = [];
    for (let s = 1; s <= 5; s++) rs.push(await sim(users, n, rate, burst, sticky, s * 7919));
    process.stdout.write(`${users}u ${n}c ${rate}/s b${burst} ${sticky ? 'sticky' : 'alternating'} ideal ${rs[0]!.ideal}: ends ${rs.map(r => r.end.toFixed(1))} ratio ${(Math.max(...rs.map(r=>r.end))/rs[0]!.ideal).toFixed(2)} asked ${rs.map(r=>r.asked)} tries ${rs.map(r=>r.tries)} done ${rs.map(r=>r.done)}\n`);
  }
  await sim(20,2,1,2,false,5,true);
  expect(1).toBe(1);
}, 600000);
