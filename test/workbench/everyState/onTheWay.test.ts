import { describe, expect, test } from '@jest/globals';
import type { Timing } from '@workbench/local-cloud/timing';
import request from 'supertest';
import { footprint } from '../../support/invariants.ts';
import { leadsOut } from './leadsOut.ts';
import { each, lostTask, type State, tagged } from './State.ts';
import { openWorld, type World } from './World.ts';

/** Started into a state that lasts for a while. */
const rising = (name: string, timing: Partial<Timing>, pace: State['pace'] = {}): State => ({
  name,
  pace,
  arrange: async (world, ids) => {
    await Promise.all(ids.map((id) => world.stop(id)));
    world.cloud.cloud.changeTiming({ ...timing });
    await Promise.all(ids.map((id) => world.start(id)));
  },
  release: ({ cloud }) =>
    void cloud.cloud.changeTiming({ provisioningMs: 0, pendingMs: 0, activatingMs: 0, visibilityMs: 0 }),
});

/** Stopped by the user a moment ago, and on the way down for a while. */
const falling = (name: string, timing: Partial<Timing>): State => ({
  name,
  arrange: async (world, ids) => {
    world.cloud.cloud.changeTiming({ ...timing });
    for (const id of ids) await post(world, id, 'stop');
  },
  release: ({ cloud }) => void cloud.cloud.changeTiming({ stoppingMs: 0, deprovisioningMs: 0 }),
});

/** In a status that the local cloud itself never stays in, or never has. */
const shownAs = (lastStatus: string): State => ({
  name: `shown by ECS as ${lastStatus}`,
  arrange: each(async (world, id) => {
    for (const task of world.alive(id)) Object.assign(task, { lastStatus });
  }),
});

async function post({ url }: World, id: string, command: string): Promise<void> {
  await fetch(`${url}/workbenches/${id}/${command}?user_id=ada`, { method: 'POST' });
}

leadsOut([
  { name: 'running', arrange: async () => undefined },
  { name: 'stopped', arrange: each(async (world, id) => await world.stop(id)) },
  {
    name: 'never started',
    arrange: each(async (world, id) => {
      await world.stop(id);
      await world.tag(id, 'outcome', undefined);
      await world.tag(id, 'run', undefined);
    }),
  },
  rising('provisioning', { provisioningMs: 2_000 }),
  rising('pending', { pendingMs: 2_000 }),
  rising('activating', { activatingMs: 2_000 }),
  rising('starting, its task not shown by ECS', { visibilityMs: 2_000 }, { visibilityGraceMs: 30_000 }),
  falling('deactivating', { stoppingMs: 400 }),
  falling('deprovisioning', { deprovisioningMs: 400 }),
  shownAs('STOPPING'),
  shownAs('HIBERNATING'),
  {
    name: 'refused by ECS for want of capacity, which has not come back',
    arrange: async (world, ids) => {
      await Promise.all(ids.map((id) => world.stop(id)));
      world.capacity.tasks = 0;
      await Promise.all(ids.map((id) => post(world, id, 'start')));
    },
    release: ({ capacity }) => void delete capacity.tasks,
  },
  tagged('run', '2', 'stopped'),
  {
    name: 'its task missing since a moment ago',
    arrange: each(async (world, id) => {
      await world.stop(id);
      await world.tag(id, 'outcome', `1:${lostTask}:${Date.now()}`);
    }),
  },
  tagged('outcome', `1:${lostTask}:1000000`, 'stopped'),
  tagged('outcome', '1:None:1700000000000'),
  tagged('outcome', '1:None:1700000000000', 'stopped'),
]);

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
