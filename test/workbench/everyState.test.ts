import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { collectViolations, footprint, isSettled } from '../support/invariants.ts';
import { states } from './everyStates.ts';
import { openWorld, type World } from './everyStateWorld.ts';

/** Every operation there is on a workbench. A start twice: the second before the first is answered. */
const operations: Readonly<Record<string, (world: World, id: string) => readonly request.Test[]>> = {
  list: ({ url }) => [request(url).get('/workbenches?user_id=ada')],
  get: ({ url }, id) => [request(url).get(`/workbenches/${id}?user_id=ada`)],
  start: ({ url }, id) => [request(url).post(`/workbenches/${id}/start?user_id=ada`)],
  'start twice': ({ url }, id) => [1, 2].map(() => request(url).post(`/workbenches/${id}/start?user_id=ada`)),
  stop: ({ url }, id) => [request(url).post(`/workbenches/${id}/stop?user_id=ada`)],
  destroy: ({ url }, id) => [request(url).delete(`/workbenches/${id}?user_id=ada`)],
};

describe('in every state', () => {
  for (const state of states) {
    // Each waits more than it works.
    test.concurrent(`${state.name}: every operation has a defined answer, and a stop and a destroy lead out`, async () => {
      await using world = await openWorld();
      const names = Object.keys(operations);
      const ids = await Promise.all(names.map(() => world.create()));
      await state.arrange(world, ids);

      const answers = await Promise.all(
        names.flatMap((name, index) => operations[name]?.(world, ids[index] ?? '').map((call) => call.then()) ?? []),
      );
      await state.release?.(world);

      for (const { status, body, headers } of answers) {
        expect([200, 404, 409, 503]).toContain(status);
        expect(body).toMatchObject(
          status === 200 ? { success: true } : { success: false, error: { request_id: headers['x-request-id'] } },
        );
        if (status === 503) expect(headers['retry-after']).toMatch(/^\d+$/);
      }
      expect(answers[0]?.status).toBe(200);
      await each(ids, async (id) => {
        const stopped = await untilAccepted(() => request(world.url).post(`/workbenches/${id}/stop?user_id=ada`));
        expect([200, 404, 409]).toContain(stopped.status);
        if (stopped.status === 409) expect(stopped.body.error.code).toBe('destroying');
      });
      await state.repair?.(world, ids);
      await each(ids, async (id) => {
        const destroyed = await untilAccepted(() => request(world.url).delete(`/workbenches/${id}?user_id=ada`));
        expect([200, 404]).toContain(destroyed.status);
      });
      const { cloud } = world.cloud;
      await until(() => isSettled(cloud) && cloud.look().accessPoints.length === 0);
      expect(await collectViolations({ cloud, violations: state.doubled ? [] : world.cloud.violations })).toEqual([]);
    }, 120_000);
  }
});

describe('another user', () => {
  test('is told that there is no such workbench, and touches nothing of it', async () => {
    await using world = await openWorld();
    const ids = [await world.create(), await world.create()];
    await world.stop(ids[1] ?? '');
    const before = footprint(world.cloud.cloud, (id) => ids.includes(id));

    for (const id of ids) {
      const path = `/workbenches/${id}`;
      const calls = [
        request(world.url).get(`${path}?user_id=eve`),
        request(world.url).post(`${path}/start?user_id=eve`),
        request(world.url).post(`${path}/stop?user_id=eve`),
        request(world.url).delete(`${path}?user_id=eve`),
      ];
      for (const call of calls) expect((await call).status).toBe(404);
    }

    const listed = await request(world.url).get('/workbenches?user_id=eve');
    expect(listed.body.items).toEqual([]);
    expect(footprint(world.cloud.cloud, (id) => ids.includes(id))).toBe(before);
  });
});

async function each(ids: readonly string[], act: (id: string) => Promise<void>): Promise<void> {
  await Promise.all(ids.map(act));
}

/** Comes back as long as it is told to. */
async function untilAccepted(call: () => request.Test): Promise<request.Response> {
  for (let attempt = 1; ; attempt++) {
    const answer = await call();
    if (answer.status !== 503 || attempt === 50) return answer;
    await delay(100);
  }
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!holds() && Date.now() < deadline) await delay(10);
}
