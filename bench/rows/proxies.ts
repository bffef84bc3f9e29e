import { setTimeout as delay } from 'node:timers/promises';
import type { Round, RoundResult, Target } from '../processes/closedLoad.ts';
import type { Recovery, Steady } from '../processes/steadySockets.ts';
import { Child } from '../support/Child.ts';
import { nginx } from '../support/nginx.ts';
import { nodeProxy } from '../support/ProxyProcess.ts';
import { count, milliseconds, type Row, times } from '../support/Row.ts';
import { progress } from '../support/report.ts';

const ROUND_MS = 4_000;
const CONNECTIONS = 32;
const SOCKETS = 300;
const GATEWAYS = 3;
const PATIENCE_MS = 60_000;
const PATH = '/project/0a1b2c3d4e5f60718/static/app.js';
const headers = { Host: 'cloud.example.net', Cookie: '_xsrf=2|5c8a1d2e' };

/** nginx with the configuration of `deploy/` before three gateways, of which one is killed under load. */
export async function proxies(): Promise<readonly Row[]> {
  const upstream = new Child('processes/gatewayUpstream.js');
  const ports = await upstream.ask<{ small: number; large: number }>('ports');
  const rows = [...(await requests(ports.small)), ...(await sockets(ports.large))];
  await upstream.end();
  return rows;
}

async function three(upstream: number) {
  const gateways = await Promise.all(
    Array.from({ length: GATEWAYS }, (_, index) =>
      nodeProxy(`gateway ${index}`, 'processes/gatewayServer.js', upstream),
    ),
  );
  const front = await nginx(gateways.map(({ port }) => port));
  const end = async () => {
    await front?.end();
    await Promise.all(gateways.map((gateway) => gateway.end()));
  };
  if (front) return { port: front.port, gateways, end };
  await end();
  progress('nginx is not installed: without it');
  return undefined;
}

/** A load that ends at the first answer that is not 200: its figures say that there was none. */
async function requests(upstream: number): Promise<readonly Row[]> {
  const all = await three(upstream);
  if (!all) return [];
  const load = new Child('processes/closedLoad.js');
  await load.ask('targets', [{ path: PATH, headers }] satisfies Target[]);
  const run = async (port: number, connections = CONNECTIONS): Promise<RoundResult> =>
    await load.ask<RoundResult>('run', { port, connections, warmUpMs: 500, milliseconds: ROUND_MS } satisfies Round);
  const [alone] = all.gateways;
  const direct = await run(alone?.port ?? 0);
  const through = await run(all.port);
  const underLoad = run(all.port);
  await delay(500 + ROUND_MS / 2);
  await all.gateways[1]?.kill();
  const killed = await underLoad.then(
    (result) => ({ text: `${count(result.perSecond)}/s, p99 ${milliseconds(result.p99Ms)}`, reached: true }),
    (error: Error) => ({ text: error.message, reached: false }),
  );
  await Promise.all([load.end(), all.end()]);
  const what = `nginx before ${GATEWAYS} gateways, small GET, ${CONNECTIONS} connections`;
  const figures = `${count(through.perSecond)}/s, p99 ${milliseconds(through.p99Ms)}; one gateway without nginx ${count(direct.perSecond)}/s`;
  return [
    { what: `${what}: requests, over one alone`, ratio: times(through.perSecond / direct.perSecond), figures },
    {
      what: `${what}, one gateway killed meanwhile`,
      ...{ ratio: '', figures: killed.text, goal: { text: 'no request fails', reached: killed.reached } },
    },
  ];
}

async function sockets(upstream: number): Promise<readonly Row[]> {
  const all = await three(upstream);
  if (!all) return [];
  const load = new Child('processes/steadySockets.js');
  await load.ask('hold', { port: all.port, path: PATH, headers, sockets: SOCKETS } satisfies Steady);
  const untilOpen = async () => {
    const end = performance.now() + PATIENCE_MS;
    while ((await load.ask<number>('openNow')) < SOCKETS && performance.now() < end) await delay(20);
    return (await load.ask<number>('openNow')) === SOCKETS;
  };
  const before = await untilOpen();
  await all.gateways[1]?.kill();
  // What is cut is noticed within this; then it is waited for.
  await delay(500);
  const again = await untilOpen();
  const { lost, againAfterMs } = await load.ask<Recovery>('recovery');
  await Promise.all([load.end(), all.end()]);
  return [
    {
      what: `nginx before ${GATEWAYS} gateways, ${count(SOCKETS)} websockets, one gateway killed`,
      ratio: '',
      figures: `${count(lost)} cut, all open again after ${milliseconds(againAfterMs)}`,
      goal: { text: 'all come back, fewer than half cut', reached: before && again && lost > 0 && lost < SOCKETS / 2 },
    },
  ];
}
