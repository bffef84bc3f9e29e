import { type Chart, plot, type Series } from '../support/plot.ts';
import { count, markdownTable, megabytes, milliseconds, times } from '../support/Row.ts';
import type { Lag } from './Changes.ts';
import type { Step } from './measureStep.ts';

/** ECS's sustained rate of DescribeTasks and ListTasks together, for the account. */
const AWS_LOOKS_PER_SECOND = 20;

export function scaleReport(steps: readonly Step[], few: Step, many: Step): string {
  const looks = (step: Step) => (step.calls['DescribeTasks'] ?? 0) + (step.calls['ListTasks'] ?? 0);
  const scale = markdownTable(
    [
      'workbenches',
      'pollers',
      "of AWS's rate",
      'calls a second',
      'throttles',
      'age p50 / p99',
      'stop seen p50 / p99',
      'start elsewhere seen p50 / p99',
      'polls a second, p50 / p99',
      'CPU',
      'RSS, heap',
      'longest pause',
    ],
    steps.map((step) => [
      count(step.workbenches),
      count(step.pollers),
      times(looks(step) / AWS_LOOKS_PER_SECOND),
      callsOf(step),
      String(step.throttles),
      `${milliseconds(step.polls.age.p50Ms)} / ${milliseconds(step.polls.age.p99Ms)}`,
      lagOf(step.stopLag),
      lagOf(step.startLag),
      `${count(step.polls.perSecond)}, ${milliseconds(step.polls.latency.p50Ms)} / ${milliseconds(step.polls.latency.p99Ms)}`,
      `${Math.round(step.controllerCpu * 100)} % of a core`,
      `${megabytes(step.rssBytes)}, ${megabytes(step.heapBytes)}`,
      milliseconds(step.pauses.longestMs),
    ]),
  );
  const pollers = markdownTable(
    ['pollers of the same 100 workbenches', 'calls a second', 'throttles', 'age p50 / p99'],
    [few, many].map((step) => [
      count(step.pollers),
      callsOf(step),
      String(step.throttles),
      `${milliseconds(step.polls.age.p50Ms)} / ${milliseconds(step.polls.age.p99Ms)}`,
    ]),
  );
  const growth = times(looks(many) / looks(few));
  return `${scale}\n\n**${growth}** the calls for ${times(many.pollers / few.pollers)} the pollers:\n\n${pollers}\n\n${goals(steps, few, many)}`;
}

function goals(steps: readonly Step[], few: Step, many: Step): string {
  const thousand = steps.find(({ workbenches }) => workbenches === 1_000);
  const lag = thousand?.stopLag?.p99Ms ?? Number.NaN;
  const total = (step: Step) => Object.values(step.calls).reduce((sum, each) => sum + each, 0);
  const change = total(many) / total(few);
  const throttles = [...steps, few, many].reduce((sum, step) => sum + step.throttles, 0);
  const failed = [...steps, few, many].reduce((sum, step) => sum + step.polls.failed, 0);
  const starts = steps.flatMap(({ startLag }) => startLag ?? []);
  const found = Math.max(...starts.map(({ p99Ms, unseen }) => (unseen > 0 ? Number.POSITIVE_INFINITY : p99Ms)));
  const lines: readonly (readonly [string, string, boolean])[] = [
    ['no throttles', String(throttles), throttles === 0],
    ['no poll failed', String(failed), failed === 0],
    ['calls from 100 to 10,000 pollers: 0.9 to 1.1 ×', times(change), change >= 0.9 && change <= 1.1],
    ['lag p99 at 1,000 workbenches ≤ 2 s', milliseconds(lag), lag <= 2_000],
    ['starts elsewhere found, at any size, p99 ≤ 5 s', milliseconds(found), found <= 5_000],
  ];
  return markdownTable(
    ['goal', 'figure', ''],
    lines.map(([goal, figure, reached]) => [goal, figure, reached ? 'reached' : 'missed']),
  );
}

export function scalePlot(steps: readonly Step[]): string {
  const series = (name: string, value: (step: Step) => number): Series => ({
    name,
    points: steps.map((step) => [step.workbenches, value(step)]),
  });
  const operations = [...new Set(steps.flatMap(({ calls }) => Object.keys(calls)))];
  const charts: readonly Chart[] = [
    {
      title: 'AWS calls',
      unit: 'a second',
      series: operations.map((name) => series(name, ({ calls }) => calls[name] ?? 0)),
    },
    {
      title: 'Age of statuses',
      unit: 'ms',
      series: [series('p50', ({ polls }) => polls.age.p50Ms), series('p99', ({ polls }) => polls.age.p99Ms)],
    },
    {
      title: 'A stop until a poller sees it',
      unit: 'ms',
      series: [
        series('p50', ({ stopLag }) => stopLag?.p50Ms ?? 0),
        series('p99', ({ stopLag }) => stopLag?.p99Ms ?? 0),
      ],
    },
    {
      title: 'Memory',
      unit: 'MB',
      series: [
        series('RSS', ({ rssBytes }) => rssBytes / 1e6),
        series('heap in use', ({ heapBytes }) => heapBytes / 1e6),
      ],
    },
  ];
  const title = 'How calls, ages, lags and memory grow with the number of workbenches';
  return plot(charts, 'workbenches, with 10,000 pollers', title);
}

function callsOf({ calls }: Step): string {
  const shown = Object.entries(calls).map(([call, rate]) => `${call} ${rate.toFixed(2)}`);
  return shown.length > 0 ? shown.join(', ') : 'none';
}

function lagOf(lag: Lag | undefined): string {
  if (!lag) return '';
  const unseen = lag.unseen > 0 ? `, ${lag.unseen} not yet` : '';
  return `${milliseconds(lag.p50Ms)} / ${milliseconds(lag.p99Ms)} of ${lag.changes}${unseen}`;
}
