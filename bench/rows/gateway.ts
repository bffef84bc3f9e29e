import { setTimeout as delay } from 'node:timers/promises';
import type { Round, RoundResult, Target } from '../processes/closedLoad.ts';
import type { Echoes, EchoResult, Transfers } from '../processes/gatewayLoad.ts';
import { Child } from '../support/Child.ts';
import { haproxy, nodeProxy, type ProxyProcess } from '../support/ProxyProcess.ts';
import { count, megabytes, milliseconds, type Row, times } from '../support/Row.ts';
import { progress } from '../support/report.ts';
import { median } from '../support/statistics.ts';

const ROUNDS = 5;
const ROUND_MS = 3_000;
const IDLE_SOCKETS = 5_000;
const IDLE_CONNECTIONS = 10_000;
const PATH = '/project/0a1b2c3d4e5f60718/static/app.js';
const HEADERS = {
  Host: 'cloud.example',
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  Accept: '*/*',
  'Accept-Language': 'en-US,en;q=0.5',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  Referer: 'https://cloud.example/project/0a1b2c3d4e5f60718/lab',
  Cookie: '_xsrf=2|5c8a1d2e|0f3b6a7c8d9e; theme=dark',
};

type Measured = Record<string, number[]>;

/** The gateway against JupyterHub's proxy and HAProxy, in turns, before one upstream. */
export async function gateway(profile: readonly string[]): Promise<readonly Row[]> {
  const upstream = new Child('processes/gatewayUpstream.js');
  const ports = await upstream.ask<{ small: number; large: number }>('ports');
  const rows = [...(await smallGets(ports.small, profile)), ...(await large(ports.large))];
  await upstream.end();
  return rows;
}

async function proxies(upstream: number, profile: readonly string[] = []): Promise<readonly ProxyProcess[]> {
  const ours = await nodeProxy('gateway', 'processes/gatewayServer.js', upstream, profile);
  const chp = await nodeProxy('CHP', 'processes/chp.js', upstream);
  const other = await haproxy(upstream);
  if (!other) progress('HAProxy is not installed: without it');
  return other ? [ours, chp, other] : [ours, chp];
}

async function smallGets(upstream: number, profile: readonly string[]): Promise<readonly Row[]> {
  const all = await proxies(upstream, profile);
  const load = new Child('processes/closedLoad.js');
  await load.ask('targets', [{ path: PATH, headers: HEADERS }] satisfies Target[]);
  const run = async ({ port }: ProxyProcess, connections: number): Promise<RoundResult> =>
    await load.ask<RoundResult>('run', { port, connections, warmUpMs: 300, milliseconds: ROUND_MS } satisfies Round);
  for (const proxy of all) await run(proxy, 32);
  const rows: Row[] = [];
  for (const [connections, goal] of [
    [32, 3],
    [256, 2.5],
  ] as const) {
    const perSecond: Measured = {};
    const cpu: Measured = {};
    for (let round = 0; round < ROUNDS; round++) {
      for (const proxy of all) {
        const before = await proxy.usage();
        const result = await run(proxy, connections);
        const after = await proxy.usage();
        const requests = (result.perSecond * (ROUND_MS + 300)) / 1000;
        note(perSecond, proxy, result.perSecond);
        note(cpu, proxy, ((after.cpuMs - before.cpuMs) * 1000) / requests);
      }
    }
    const what = `gateway, small GET, ${connections} connections`;
    rows.push(row(`${what}: requests`, perSecond, (value) => `${count(value)}/s`, { goal }));
    rows.push(row(`${what}: CPU each`, cpu, (value) => `${Math.round(value)} µs`, { goal, less: true }));
  }
  rows.push(await idleConnections(all[0]));
  await Promise.all([load.end(), ...all.map((proxy) => proxy.end())]);
  return rows;
}

async function idleConnections(ours: ProxyProcess | undefined): Promise<Row> {
  if (!ours) throw new Error('there is no gateway');
  const load = new Child('processes/gatewayLoad.js');
  const before = await ours.settled();
  await load.ask('holdIdle', {
    port: ours.port,
    path: PATH,
    sockets: IDLE_CONNECTIONS,
    milliseconds: 0,
  } satisfies Echoes);
  const grown = (await ours.settled()).rssBytes - before.rssBytes;
  await load.end();
  return {
    what: `gateway, ${count(IDLE_CONNECTIONS)} idle connections`,
    ratio: '',
    figures: `${megabytes(grown)} RSS more than without, ${(grown / IDLE_CONNECTIONS / 1024).toFixed(1)} KiB each`,
    goal: { text: '≤ 200 MB', reached: grown <= 200e6 },
  };
}

async function large(upstream: number): Promise<readonly Row[]> {
  const all = await proxies(upstream);
  const load = new Child('processes/gatewayLoad.js');
  const rows: Row[] = [];
  for (const method of ['GET', 'POST'] as const) {
    const speed: Measured = {};
    for (let round = 0; round < ROUNDS; round++) {
      for (const proxy of all) {
        const plan: Transfers = { port: proxy.port, path: PATH, method, times: 20, parallel: 4 };
        note(speed, proxy, await load.ask<number>('transfers', plan));
      }
    }
    const what = `gateway, 10 MB ${method === 'GET' ? 'down' : 'up'}`;
    rows.push(row(what, speed, (value) => `${count(value)} MB/s`, { goal: 1 }));
  }

  const perSecond: Measured = {};
  const p99: Measured = {};
  const nothing = async () => ({ cpuMs: 0, rssBytes: 0 });
  const direct: ProxyProcess = {
    name: 'direct',
    port: upstream,
    usage: nothing,
    settled: nothing,
    end: async () => {},
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const proxy of all) {
      const plan: Echoes = { port: proxy.port, path: PATH, sockets: 32, milliseconds: ROUND_MS };
      note(perSecond, proxy, (await load.ask<EchoResult>('echoes', plan)).perSecond);
    }
    for (const proxy of [direct, ...all]) {
      const plan: Echoes = { port: proxy.port, path: PATH, sockets: 10, milliseconds: ROUND_MS, everyMs: 20 };
      note(p99, proxy, (await load.ask<EchoResult>('echoes', plan)).p99Ms);
    }
  }
  rows.push(row('gateway, websocket echo, 32 sockets', perSecond, (value) => `${count(value)}/s`, { goal: 1 }));
  const added = (name: string) => median(p99[name] ?? []) - median(p99['direct'] ?? []);
  rows.push({
    what: 'gateway, websocket echo, 500 messages a second: added p99',
    ratio: '',
    figures: [
      ...all.map(({ name }) => `${name} ${milliseconds(added(name))}`),
      `direct ${milliseconds(median(p99['direct'] ?? []))}`,
    ].join(', '),
    goal: { text: '≤ 1 ms', reached: added('gateway') <= 1 },
  });

  const memory: Measured = {};
  for (const proxy of all) {
    const before = await proxy.settled();
    await load.ask('hold', { port: proxy.port, path: PATH, sockets: IDLE_SOCKETS, milliseconds: 0 } satisfies Echoes);
    await delay(1_000);
    note(memory, proxy, ((await proxy.settled()).rssBytes - before.rssBytes) / IDLE_SOCKETS / 1024);
    await load.ask('drop');
    await delay(1_000);
  }
  rows.push(
    row(`gateway, ${count(IDLE_SOCKETS)} idle websockets, RSS each`, memory, (value) => `${value.toFixed(1)} KiB`, {
      less: true,
    }),
  );
  await Promise.all([load.end(), ...all.map((proxy) => proxy.end())]);
  return rows;
}

function note(measured: Measured, { name }: ProxyProcess, value: number): void {
  measured[name] = [...(measured[name] ?? []), value];
}

/** @param less less is better: the ratio is the other way round */
function row(
  what: string,
  measured: Measured,
  show: (value: number) => string,
  { goal, less = false }: { goal?: number; less?: boolean },
): Row {
  const ours = measured['gateway'] ?? [];
  const chp = measured['CHP'] ?? [];
  // Of turns that followed each other: what else the machine did then was nearly the same.
  const ratio = median(ours.map((value, round) => (less ? (chp[round] ?? 0) / value : value / (chp[round] ?? 0))));
  return {
    what: `${what}, over CHP`,
    ratio: times(ratio),
    figures: Object.entries(measured)
      .map(([name, values]) => `${name} ${show(median(values))}`)
      .join(', '),
    ...(goal === undefined ? {} : { goal: { text: `≥ ${goal} ×`, reached: ratio >= goal } }),
  };
}
