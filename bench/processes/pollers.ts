import process from 'node:process';
import { answerParent, usage } from '../support/ipc.ts';
import { type RawAnswer, RawConnection, requestBytes } from '../support/RawConnection.ts';
import { Counts } from '../support/statistics.ts';
import type { Target } from './closedLoad.ts';

/**
 * Pollers that each poll once a second, spread evenly over it. A poll's time counts from when it was due, so that a
 * slow answer doesn't hide the polls that it held up.
 */

export type PollPlan = Readonly<{ port: number; connections: number; pollers: number }>;
export type PollResult = Readonly<{
  perSecond: number;
  failed: number;
  latency: Readonly<{ p50Ms: number; p99Ms: number }>;
  age: Readonly<{ p50Ms: number; p99Ms: number }>;
  generatorCpu: number;
}>;
/** When the first poll showed each change, by its number; changes that no poll has shown are left out. */
export type Sights = Readonly<Record<number, number>>;
/** A change shows when the target has another status than this. */
export type Expectation = Readonly<{ change: number; target: number; before: string }>;

const TICK_MS = 4;
const MOST_MS = 100_000;
const AGE = '"status_age_ms":';
/** Ages are read from one answer in so many: reading all would cost more than polling. */
const AGE_EVERY = 8;

let requests: readonly Buffer[] = [];
let connections: RawConnection[] = [];
let ticking: NodeJS.Timeout | undefined;
let skipMissed = (): void => {};
let failed = 0;
let latencies = new Counts(MOST_MS);
let ages = new Counts(MOST_MS);
let since = { at: 0, cpuMs: 0 };
/** By target. */
const expected = new Map<number, Expectation[]>();
const sights: Record<number, number> = {};

function start({ port, connections: many, pollers }: PollPlan): void {
  const fail = (error: Error): void => {
    process.stderr.write(`a connection of the pollers failed: ${error.message}\n`);
    process.exit(1);
  };
  connections = Array.from({ length: many }, () => new RawConnection(port, fail));
  const free = [...connections];
  const startedAt = performance.now();
  const dueBy = (now: number) => ((now - startedAt) / 1000) * pollers;
  /** Counts the polls: poll n of all is due n / pollers seconds after the start. */
  let sent = 0;
  skipMissed = () => {
    sent = Math.max(sent, Math.floor(dueBy(performance.now())));
  };

  const sendDue = (): void => {
    const due = dueBy(performance.now());
    while (sent < due) {
      const connection = free.pop();
      if (!connection) return;
      const target = (sent % pollers) % requests.length;
      const dueAt = startedAt + (sent / pollers) * 1000;
      const request = requests[target];
      sent += 1;
      if (!request) continue;
      connection.send(request, (answer) => {
        latencies.add((performance.now() - dueAt) * 10);
        free.push(connection);
        read(answer, target);
        if (free.length === 1) sendDue();
      });
    }
  };
  ticking = setInterval(sendDue, TICK_MS);
}

function read({ status, text, bodyAt }: RawAnswer, target: number): void {
  if (status !== 200) {
    failed += 1;
    if (failed < 5) process.stderr.write(`a poll was answered: ${text.slice(0, 300)}\n`);
    return;
  }
  if (latencies.total % AGE_EVERY === 0) {
    const at = text.lastIndexOf(AGE);
    if (at > 0) ages.add(Number.parseInt(text.slice(at + AGE.length, at + AGE.length + 8), 10));
  }
  const waiting = expected.get(target);
  if (!waiting) return;
  const unchanged = ({ before }: Expectation) => text.includes(`"status":"${before}"`, bodyAt);
  const left = waiting.filter(unchanged);
  for (const each of waiting) if (!left.includes(each)) sights[each.change] = Date.now();
  if (left.length > 0) expected.set(target, left);
  else expected.delete(target);
}

/** Begins to measure. Polls that the controller's start has held up are given up. */
function clear(): void {
  skipMissed();
  failed = 0;
  latencies = new Counts(MOST_MS);
  ages = new Counts(MOST_MS);
  since = { at: performance.now(), cpuMs: usage().cpuMs };
}

function result(): PollResult {
  const elapsed = performance.now() - since.at;
  return {
    perSecond: (latencies.total / elapsed) * 1000,
    failed,
    latency: { p50Ms: latencies.quantile(0.5) / 10, p99Ms: latencies.quantile(0.99) / 10 },
    age: { p50Ms: ages.quantile(0.5), p99Ms: ages.quantile(0.99) },
    generatorCpu: (usage().cpuMs - since.cpuMs) / elapsed,
  };
}

answerParent({
  targets: (targets: readonly Target[]) => {
    requests = targets.map(({ path, headers }) => requestBytes(path, headers));
  },
  start,
  clear,
  result,
  expect: (expectation: Expectation) => {
    expected.set(expectation.target, [...(expected.get(expectation.target) ?? []), expectation]);
  },
  sights: (): Sights => sights,
  stop: () => {
    clearInterval(ticking);
    for (const connection of connections.splice(0)) connection.close();
  },
});
