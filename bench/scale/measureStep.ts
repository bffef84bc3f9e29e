import { setTimeout as delay } from 'node:timers/promises';
import type { CallCounts } from '@workbench/local-cloud';
import type { PollPlan, PollResult } from '../processes/pollers.ts';
import type { Pauses } from '../processes/probe.ts';
import { pollTargets } from '../rows/getOne.ts';
import { Child } from '../support/Child.ts';
import { Controller } from '../support/Controller.ts';
import type { Cloud } from '../support/cloud.ts';
import type { Seeded } from '../support/seed.ts';
import { Changes, type Lag } from './Changes.ts';

/** Keep-alive connections that the pollers share, as those of a load balancer: enough that none waits for another. */
const CONNECTIONS = 512;
/** Each batch of looks takes a tenth of a second, a hundred tasks at a time; and programs warm up. */
const WARM_UP_MS = 5_000;
const WARM_UP_PER_WORKBENCH_MS = 0.8;
/** With 10,000 workbenches a status grows a little older than that, as arithmetic has it. */
const LONGEST_LAG_MS = 15_000;
/** What this bench itself calls; the controller calls none of these while it is only read. */
const OWN_CALLS = new Set(['RunTask', 'StopTask', 'efs:TagResource']);

export type Plan = Readonly<{ pollers: number; seconds: number; changes: boolean }>;

export type Step = Readonly<{
  workbenches: number;
  pollers: number;
  /** Of the controller, a second, by operation. */
  calls: Readonly<Record<string, number>>;
  throttles: number;
  polls: PollResult;
  stopLag: Lag | undefined;
  startLag: Lag | undefined;
  /** A part of one core. */
  controllerCpu: number;
  rssBytes: number;
  heapBytes: number;
  pauses: Pauses;
}>;

/** One controller over these workbenches, polled for a while. */
export async function measureStep(cloud: Cloud, seeded: readonly Seeded[], plan: Plan): Promise<Step> {
  const controller = await Controller.start(cloud);
  const pollers = new Child('processes/pollers.js');
  await pollers.ask('targets', pollTargets(seeded));
  const { port } = controller;
  await pollers.ask('start', { port, connections: CONNECTIONS, pollers: plan.pollers } satisfies PollPlan);
  await delay(WARM_UP_MS + seeded.length * WARM_UP_PER_WORKBENCH_MS);

  await Promise.all([cloud.clearCalls(), pollers.ask('clear'), controller.child.pauses()]);
  const before = await controller.child.usage();
  const startedAt = performance.now();
  const changes = plan.changes ? new Changes(cloud, pollers, seeded, changesForMs(plan)) : undefined;
  await delay(plan.seconds * 1000);
  const elapsed = (performance.now() - startedAt) / 1000;
  const [calls, polls, after, pauses] = await Promise.all([
    cloud.calls(),
    pollers.ask<PollResult>('result'),
    controller.child.usage(),
    controller.child.pauses(),
  ]);
  const stopLag = await changes?.lag('stop');
  const startLag = await changes?.lag('start');
  // What is left to be started is started at once.
  await cloud.timing({ rates: 'off' });
  await changes?.end();
  await pollers.ask('stop');
  await Promise.all([pollers.end(), controller.end()]);
  return {
    workbenches: seeded.length,
    pollers: plan.pollers,
    calls: ratesOf(calls, elapsed),
    throttles: throttlesOf(calls),
    polls,
    stopLag,
    startLag,
    controllerCpu: (after.cpuMs - before.cpuMs) / 1000 / elapsed,
    rssBytes: after.rssBytes,
    heapBytes: after.heapBytes,
    pauses,
  };
}

/** The rest of the step is for seeing them. */
function changesForMs({ seconds }: Plan): number {
  return Math.max(seconds * 1000 - LONGEST_LAG_MS, (seconds * 1000) / 2);
}

function ratesOf(calls: CallCounts, seconds: number): Record<string, number> {
  return Object.fromEntries(
    Object.entries(calls)
      .filter(([call]) => !OWN_CALLS.has(call))
      .map(([call, outcomes]) => [call, Object.values(outcomes).reduce((sum, each) => sum + each, 0) / seconds]),
  );
}

function throttlesOf(calls: CallCounts): number {
  return Object.values(calls).reduce((sum, outcomes) => sum + (outcomes['ThrottlingException'] ?? 0), 0);
}
