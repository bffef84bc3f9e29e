import { setTimeout as delay } from 'node:timers/promises';
import { answerParent, usage } from '../support/ipc.ts';
import { RawConnection, requestBytes } from '../support/RawConnection.ts';
import { Counts } from '../support/statistics.ts';

/** As many requests as the server answers: each connection sends the next as soon as it has the answer to the last. */

export type Target = Readonly<{ path: string; headers: Readonly<Record<string, string>> }>;
export type Round = Readonly<{ port: number; connections: number; warmUpMs: number; milliseconds: number }>;
export type RoundResult = Readonly<{
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** The generator's own use of a core: near 1, it and not the server was the limit. */
  generatorCpu: number;
}>;

const MOST_MICROSECONDS = 2_000_000;
const MICROSECONDS_PER_COUNT = 10;

let requests: readonly Buffer[] = [];

async function run({ port, connections, warmUpMs, milliseconds }: Round): Promise<RoundResult> {
  let latencies = new Counts(MOST_MICROSECONDS / MICROSECONDS_PER_COUNT);
  let next = 0;
  let going = true;
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure ??= error;
    going = false;
  };

  const loop = (connection: RawConnection): void => {
    if (!going) return;
    const request = requests[next % requests.length];
    next += 1;
    if (!request) return;
    const sentAt = performance.now();
    connection.send(request, ({ status, text }) => {
      if (status !== 200) return fail(new Error(`answered ${text.slice(0, 400)}`));
      latencies.add(((performance.now() - sentAt) * 1000) / MICROSECONDS_PER_COUNT);
      loop(connection);
    });
  };
  const open = Array.from({ length: connections }, () => new RawConnection(port, fail));
  for (const connection of open) loop(connection);

  await delay(warmUpMs);
  latencies = new Counts(MOST_MICROSECONDS / MICROSECONDS_PER_COUNT);
  const startedAt = performance.now();
  const { cpuMs } = usage();
  await delay(milliseconds);
  const elapsed = performance.now() - startedAt;
  going = false;
  for (const connection of open) connection.close();
  if (failure) throw failure;
  return {
    perSecond: (latencies.total / elapsed) * 1000,
    p50Ms: (latencies.quantile(0.5) * MICROSECONDS_PER_COUNT) / 1000,
    p99Ms: (latencies.quantile(0.99) * MICROSECONDS_PER_COUNT) / 1000,
    generatorCpu: (usage().cpuMs - cpuMs) / elapsed,
  };
}

answerParent({
  targets: (targets: readonly Target[]) => {
    requests = targets.map(({ path, headers }) => requestBytes(path, headers));
  },
  run,
});
