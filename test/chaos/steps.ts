import fc from 'fast-check';

/** What a user, the cloud or fate does in one step. `target` picks among the workbenches known by then. */
export type Action =
  | Readonly<{ kind: 'create'; key: number | undefined; body: 0 | 1 }>
  | Readonly<{ kind: 'start' | 'stop' | 'change' | 'destroy' | 'get'; target: number; asOwner: boolean }>
  | Readonly<{ kind: 'list' }>
  /** SIGKILL at the nth AWS call from then on, whosever it is, before or after it took effect. */
  | Readonly<{ kind: 'kill'; calls: number }>
  | Readonly<{ kind: 'taskEnds'; target: number; how: 'exit' | 'outOfMemory' | 'spot' | 'retired' }>
  | Readonly<{ kind: 'nextPurge'; how: 'fail' | 'hang' }>
  | Readonly<{ kind: 'pause'; milliseconds: number }>;

export type Fault = Readonly<{
  operation: string;
  kind: 'throttle' | 'error' | 'timeout' | 'reset';
  when: 'before' | 'after';
  times: number;
}>;

export type Step = Readonly<{
  user: number;
  controller: number;
  action: Action;
  /** Armed just before. */
  fault: Fault | undefined;
  /** The caller goes away after so long. */
  hangUpMs: number | undefined;
  /** At the same time as the next one. */
  together: boolean;
}>;

export type Scenario = Readonly<{
  controllers: number;
  visibilityMs: number;
  /** In each of a task's states on its way up and down. */
  stateMs: number;
  /** How many calls in a thousand meet with each kind of fault. */
  noise: number;
  random: number;
  steps: readonly Step[];
}>;

export const USERS = ['ann', 'ben', 'cleo'] as const;

const target = fc.nat(9);
const owned = (kind: 'start' | 'stop' | 'change' | 'destroy' | 'get') =>
  fc.record({
    kind: fc.constant(kind),
    target,
    asOwner: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  });

const action: fc.Arbitrary<Action> = fc
  .oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('create'), key: fc.constant(undefined), body: fc.constant(0) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('create'),
        key: fc.nat(2),
        body: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
      }),
    },
    { weight: 10, arbitrary: owned('start') },
    { weight: 9, arbitrary: owned('stop') },
    { weight: 2, arbitrary: owned('change') },
    { weight: 4, arbitrary: owned('destroy') },
    { weight: 4, arbitrary: owned('get') },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('list') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill'), calls: fc.integer({ min: 1, max: 20 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('taskEnds'),
        target,
        how: fc.constantFrom('exit', 'outOfMemory', 'spot', 'retired'),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('nextPurge'), how: fc.constantFrom('fail', 'hang') }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pause'), milliseconds: fc.integer({ min: 1, max: 300 }) }) },
  )
  .map((one) => one as Action);

const fault: fc.Arbitrary<Fault> = fc.record({
  operation: fc.constantFrom(
    '*',
    'RunTask',
    'StopTask',
    'DescribeTasks',
    'ListTasks',
    'RegisterTaskDefinition',
    'DescribeTaskDefinition',
    'CreateAccessPoint',
    'DescribeAccessPoints',
    'efs:TagResource',
    'DeleteAccessPoint',
    'DeregisterTaskDefinition',
  ),
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('throttle' as const, 'error' as const, 'reset' as const) },
    { weight: 1, arbitrary: fc.constant('timeout' as const) },
  ),
  when: fc.constantFrom('before', 'after'),
  times: fc.integer({ min: 1, max: 4 }),
});

const step: fc.Arbitrary<Step> = fc.record({
  user: fc.nat(USERS.length - 1),
  controller: fc.nat(2),
  action,
  fault: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fault }),
  hangUpMs: fc.oneof(
    { weight: 19, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 }) },
  ),
  together: fc.boolean(),
});

/** @param length how many steps a scenario has, before it is shrunk */
export function scenarios(length: number): fc.Arbitrary<Scenario> {
  return fc.record({
    controllers: fc.integer({ min: 1, max: 3 }),
    visibilityMs: fc.constantFrom(0, 100, 400),
    stateMs: fc.constantFrom(0, 5, 40),
    noise: fc.constantFrom(0, 5, 20),
    random: fc.nat(),
    // Without bias: the shortest ones find nothing that the others don't.
    steps: fc.noBias(fc.array(step, { minLength: 1, maxLength: length, size: 'max' })),
  });
}

/** The scenario as numbered lines for people. */
export function scriptOf({ steps, ...scenario }: Scenario): string {
  const around = Object.entries(scenario).map(([name, value]) => `${name} ${value}`);
  const lines = steps.map(
    (one, index) => `${String(index + 1).padStart(3)}. ${describeStep(one, scenario.controllers)}`,
  );
  return [`World: ${around.join(', ')}`, ...lines].join('\n');
}

function describeStep(
  { user, controller, action: does, fault: breaks, hangUpMs, together }: Step,
  count: number,
): string {
  const where = `controller ${(controller % count) + 1}`;
  const who = `${USERS[user]} on ${where}`;
  const parts = [describeAction(does, who, where)];
  if (breaks) parts.push(`[fault: ${breaks.kind} ${breaks.when} the next ${breaks.times} ${breaks.operation}]`);
  if (hangUpMs !== undefined) parts.push(`[hangs up after ${hangUpMs} ms]`);
  if (together) parts.push('[together with the next]');
  return parts.join(' ');
}

function describeAction(does: Action, who: string, where: string): string {
  switch (does.kind) {
    case 'create':
      return `${who}: create${does.key === undefined ? '' : ` with key ${does.key}, body ${does.body}`}`;
    case 'list':
      return `${who}: list`;
    case 'kill':
      return `${where} is killed at the AWS call number ${does.calls} from now`;
    case 'taskEnds':
      return `the task of workbench #${does.target} ends: ${does.how}`;
    case 'nextPurge':
      return `the next purge will ${does.how}`;
    case 'pause':
      return `nothing for ${does.milliseconds} ms`;
    default:
      return `${does.asOwner ? who : `somebody else on ${where}`}: ${does.kind} workbench #${does.target}`;
  }
}
