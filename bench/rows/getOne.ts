import type { Round, RoundResult, Target } from '../processes/closedLoad.ts';
import { Child } from '../support/Child.ts';
import { bearer, type Controller } from '../support/Controller.ts';
import { count, milliseconds, type Row, times } from '../support/Row.ts';
import type { Seeded } from '../support/seed.ts';
import { median } from '../support/statistics.ts';

const ROUNDS = 3;
const ROUND_MS = 2_500;
const WARM_UP_MS = 300;
/** Before each round all are asked for at once: while another server had its turn, nobody looked at them. */
const WAKING_MS = 700;
const CONNECTIONS = [1, 32, 256];
/** What JupyterHub does, as a part of what bare Express does on the same machine. */
const JUPYTERHUB = 0.1;

type Measured = RoundResult & Readonly<{ cpuMicroseconds: number }>;
type Server = Readonly<{ name: string; child: Child; port: number }>;

export function pollTargets(seeded: readonly Seeded[]): readonly Target[] {
  return seeded.map(({ id, userId }) => ({ path: `/workbenches/${id}?user_id=${userId}`, headers: bearer(userId) }));
}

/** A poll of one workbench, against the same answer from a bare Express app and from bare node:http. */
export async function getOne(controller: Controller, load: Child, seeded: readonly Seeded[]): Promise<readonly Row[]> {
  const [first] = seeded;
  if (!first) throw new Error('no workbenches to read');
  const body = JSON.stringify(
    await controller.call('GET', `/workbenches/${first.id}?user_id=${first.userId}`, first.userId),
  );
  const bare = async (kind: string): Promise<Server> => {
    const child = new Child('processes/bareServer.js', { environment: { BENCH_SERVER: kind, BENCH_BODY: body } });
    return { name: kind, child, port: await child.ask('port') };
  };
  const express = await bare('express');
  const http = await bare('http');
  const ours = { name: 'controller', child: controller.child, port: controller.port };
  await load.ask('targets', pollTargets(seeded));

  const rows: Row[] = [];
  for (const server of [ours, express, http]) await measure(server, load, 32);
  for (const connections of CONNECTIONS) {
    const rounds: Record<string, Measured[]> = {};
    for (let round = 0; round < ROUNDS; round++) {
      for (const server of [ours, express, http]) {
        rounds[server.name] = [...(rounds[server.name] ?? []), await measure(server, load, connections)];
      }
    }
    const of = (server: Server) => summary(rounds[server.name] ?? []);
    rows.push(...compared(connections, of(ours), of(express), of(http)));
  }
  await Promise.all([express.child.end(), http.child.end()]);
  return rows;
}

function compared(connections: number, ours: Measured, express: Measured, http: Measured): readonly Row[] {
  const overExpress = ours.perSecond / express.perSecond;
  const what = `GET one, ${connections} connection${connections > 1 ? 's' : ''}`;
  const figures = (other: Measured) => `${describe(ours)} against ${describe(other)}`;
  return [
    {
      what: `${what}, over bare Express`,
      ratio: times(overExpress),
      figures: figures(express),
      ...(connections === 32 ? { goal: { text: '≥ 1.0 ×', reached: overExpress >= 1 } } : {}),
    },
    { what: `${what}, over bare node:http`, ratio: times(ours.perSecond / http.perSecond), figures: figures(http) },
    ...(connections === 32
      ? [
          {
            what: `${what}, over JupyterHub (taken as ${JUPYTERHUB} × bare Express)`,
            ratio: times(overExpress / JUPYTERHUB),
            figures: '',
            goal: { text: '≥ 10 ×', reached: overExpress / JUPYTERHUB >= 10 },
          },
        ]
      : []),
  ];
}

async function measure({ child, port }: Server, load: Child, connections: number): Promise<Measured> {
  await load.ask<RoundResult>('run', { port, connections: 128, warmUpMs: 0, milliseconds: WAKING_MS } satisfies Round);
  const before = await child.usage();
  const round: Round = { port, connections, warmUpMs: WARM_UP_MS, milliseconds: ROUND_MS };
  const result = await load.ask<RoundResult>('run', round);
  const after = await child.usage();
  // The warm-up is in the time and in the requests alike.
  const requests = (result.perSecond * (ROUND_MS + WARM_UP_MS)) / 1000;
  return { ...result, cpuMicroseconds: ((after.cpuMs - before.cpuMs) * 1000) / requests };
}

function summary(rounds: readonly Measured[]): Measured {
  const of = (key: keyof Measured) => median(rounds.map((round) => round[key]));
  return {
    perSecond: of('perSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    generatorCpu: of('generatorCpu'),
    cpuMicroseconds: of('cpuMicroseconds'),
  };
}

function describe({ perSecond, p99Ms, cpuMicroseconds }: Measured): string {
  return `${count(perSecond)}/s (p99 ${milliseconds(p99Ms)}, ${Math.round(cpuMicroseconds)} µs CPU each)`;
}
