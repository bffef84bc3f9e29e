import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { eventually } from '../../support/eventually.ts';
import { isSettled, lastingViolations } from '../../support/invariants.ts';
import type { State } from './State.ts';
import { openWorld, type World } from './World.ts';

type Operation = (world: World, id: string) => readonly request.Test[];

/** Every operation there is that changes a workbench, on one of its own. A start twice: the second before the first is answered. */
const changes: Readonly<Record<string, Operation>> = {
  start: ({ url }, id) => [request(url).post(`/workbenches/${id}/start?user_id=ada`)],
  'start twice': ({ url }, id) => [1, 2].map(() => request(url).post(`/workbenches/${id}/start?user_id=ada`)),
  stop: ({ url }, id) => [request(url).post(`/workbenches/${id}/stop?user_id=ada`)],
  destroy: ({ url }, id) => [request(url).delete(`/workbenches/${id}?user_id=ada`)],
};
const read: Operation = ({ url }, id) => [request(url).get(`/workbenches/${id}?user_id=ada`)];

/** The tests of these states. In files of their own, so that they run side by side. */
export function leadsOut(states: readonly State[]): void {
  describe('in every state', () => {
    for (const state of states) {
      // Each waits more than it works.
      test.concurrent(`${state.name}: every operation has a defined answer, and a stop and a destroy lead out`, () =>
        leaves(state));
    }
  });
}

async function leaves(state: State): Promise<void> {
  await using world = await openWorld(state.pace);
  const operations = Object.values(changes);
  const ids = await Promise.all(operations.map(() => world.create()));
  await state.arrange(world, ids);

  const list = request(world.url).get('/workbenches?user_id=ada');
  const calls = operations.flatMap((operation, index) =>
    [read, operation].flatMap((one) => one(world, ids[index] ?? '')),
  );
  const answers = await Promise.all([list, ...calls].map((call) => call.then()));
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
  const { cloud } = world.cloud;
  await each(ids, async (id) => {
    const destroy = () => request(world.url).delete(`/workbenches/${id}?user_id=ada`);
    // What an operator has repaired is unknown for another moment.
    const gone = () => cloud.look().accessPoints.every((one) => one.id !== `fsap-${id}`);
    const destroyed = await untilAccepted(destroy, ({ status }) => status === 404 && !gone());
    expect([200, 404]).toContain(destroyed.status);
  });
  await eventually(() => isSettled(cloud) && cloud.look().accessPoints.length === 0, Boolean);
  expect(await lastingViolations({ cloud, violations: state.doubled ? [] : world.cloud.violations })).toEqual([]);
}

async function each(ids: readonly string[], act: (id: string) => Promise<void>): Promise<void> {
  await Promise.all(ids.map(act));
}

/** Comes back as long as it is told to. */
async function untilAccepted(
  call: () => request.Test,
  comeBack: (answer: request.Response) => boolean = () => false,
): Promise<request.Response> {
  return await eventually<request.Response>(call, (answer) => answer.status !== 503 && !comeBack(answer));
}
