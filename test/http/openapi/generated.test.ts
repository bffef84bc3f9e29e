import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import request from 'supertest';
import { calls } from '../../../src/http/openapi/calls.ts';
import type { Call } from '../../../src/http/schemas/Call.ts';
import { startWorld } from '../../support/startWorld.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 70 }),
  fc.constantFrom('', 'ann', 'x'.repeat(129), '%00'),
);
/** What makes sense here and there, so that requests come past the first check. No wait takes longer than the test. */
const sensible: Readonly<Record<string, readonly string[]>> = {
  user_id: ['ann', 'ann', 'ann', 'bob'],
  wait: ['0', '-1', '61', '1e0'],
  until: ['running,stopped,gone', 'running', 'x'],
  'Last-Event-ID': ['0123456789abcdef'],
};
const bodies = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(
    {},
    { workbench_name: 'Analysis' },
    { profile: 'default' },
    { path: '/lab' },
    { path: '//evil.example' },
  ),
  fc.record({ workbench_name: text, requested_cpu: fc.integer(), requested_memory: fc.double() }, { requiredKeys: [] }),
  fc.record({ requested_cpu: fc.constantFrom(256, 1024), requested_memory: fc.constantFrom(512, 2048) }),
  fc.jsonValue({ maxDepth: 2 }),
);

const someOf = (names: readonly string[], other: fc.Arbitrary<string>): fc.Arbitrary<Record<string, string>> =>
  fc
    .uniqueArray(fc.constantFrom('further', ...names))
    .chain((some) =>
      fc.record(
        Object.fromEntries(
          some.map((name) => [
            name,
            fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...(sensible[name] ?? ['1'])) }, other),
          ]),
        ),
      ),
    );

const requestsOf = (call: Call, ids: readonly string[]) =>
  fc.record({
    method: fc.constant(call.method),
    path: fc
      .oneof({ weight: 5, arbitrary: fc.constantFrom(...ids) }, text)
      .map((id) => call.path.replace('{workbench_id}', encodeURIComponent(id))),
    query: someOf(Object.keys(call.input?.query.shape ?? {}), text),
    headers: someOf(Object.keys(call.input?.headers?.shape ?? {}), fc.stringMatching(/^[ -~]{0,300}$/)),
    body: bodies,
  });

test('whatever is made of the description is answered as it says, and never as a fault of ours', async () => {
  const world = await startWorld();
  const created = await Promise.all(
    Array.from({ length: 3 }, () => request(world.url).post('/workbenches?user_id=ann').expect(201)),
  );
  const ids = [...created.map(({ body }) => String(body.item.workbench_id)), '0123456789abcdef0'];
  const any = fc.oneof(...calls.map((call) => requestsOf(call, ids)));
  await fc.assert(
    fc.asyncProperty(any, async ({ method, path, query, headers, body }) => {
      const answer = await fetch(`${world.url}${path}?${new URLSearchParams(query)}`, {
        method: method.toUpperCase(),
        headers: { 'Content-Type': 'application/json', Connection: 'close', ...headers },
        body: method === 'get' || body === undefined ? null : JSON.stringify(body),
      });
      if (answer.headers.get('content-type')?.startsWith('text/event-stream')) await answer.body?.cancel();
      else await answer.text();
      expect(answer.status).toBeLessThan(500);
    }),
    { numRuns: 300 },
  );
  // What was answered is held against the description as the controller ends.
  await world[Symbol.asyncDispose]();
});
