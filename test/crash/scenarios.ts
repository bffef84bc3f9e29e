import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { DeregisterTaskDefinitionCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import { DeleteAccessPointCommand } from '@aws-sdk/client-efs';
import { dataDigest, workbenchIdOf } from '../support/invariants.ts';
import type { Answer, Call, Item } from './callApi.ts';
import { type Lane, VISIBILITY_MS } from './Lane.ts';

/** What is known when a controller has been killed, or not, and all has settled. */
export type Ending = Readonly<{
  lane: Lane;
  subject: Subject;
  /** What the caller was told; undefined: nothing. */
  answer: Answer | undefined;
  /** What the caller was told at the second try, where there was one. */
  retried: Answer | undefined;
  /** The user's workbenches, listed by the controller that was started afterwards. */
  items: readonly Item[];
}>;

/** Whose workbench it is about, and how it was before. */
export type Subject = Readonly<{ user: string; id: string; data: string; folder: string; taskId?: string | undefined }>;

export type Scenario = Readonly<{
  name: string;
  prepare(lane: Lane, user: string): Promise<Subject>;
  operation(subject: Subject): Call;
  /** Happens past the controller, just before the operation. */
  disturb?(lane: Lane, subject: Subject): Promise<void>;
  /** The status of the answer when nothing is killed. */
  answer: number;
  /** The caller asks again, as soon as there is a controller again. */
  retry: boolean;
  /** @returns what is not as the caller would expect it */
  faults(ending: Ending): string[] | Promise<string[]>;
}>;

/** Takes several tags. */
const NEW_NAME = '🧮'.repeat(60);

const query = (user: string): string => `?user_id=${user}`;
const create = (user: string, headers = {}): Call => ({ method: 'POST', path: `/workbenches${query(user)}`, headers });
const command = ({ user, id }: Subject, name: string): Call => ({
  method: 'POST',
  path: `/workbenches/${id}/${name}${query(user)}`,
});
const readLog = ({ user, id }: Subject): Call => ({ method: 'GET', path: `/workbenches/${id}/logs${query(user)}` });
const destroy = ({ user, id }: Subject): Call => ({ method: 'DELETE', path: `/workbenches/${id}${query(user)}` });
export const list = (user: string): Call => ({ method: 'GET', path: `/workbenches${query(user)}` });

const nobody = async (_lane: Lane, user: string): Promise<Subject> => ({ user, id: '', data: '', folder: '' });

async function running(lane: Lane, user: string): Promise<Subject> {
  const answer = await lane.call(create(user));
  const id = answer?.body.item?.workbench_id;
  if (!id) throw new Error(`could not be prepared: ${JSON.stringify(answer)}`);
  await lane.settle();
  const { cloud } = lane.cloud;
  const path = cloud.look().accessPoints.find((one) => workbenchIdOf(one) === id)?.rootDirectory.Path ?? '';
  return { user, id, data: dataDigest(cloud, id), folder: cloud.pathOf(path) };
}

async function stopped(lane: Lane, user: string): Promise<Subject> {
  const subject = await running(lane, user);
  const answer = await lane.call(command(subject, 'stop'));
  if (answer?.status !== 200) throw new Error(`could not be stopped: ${JSON.stringify(answer)}`);
  await lane.settle();
  return subject;
}

function status({ items }: Ending): string {
  return items.length > 1 ? `${items.length} workbenches` : (items[0]?.status ?? 'gone');
}

/** The end that a caller expects, by the answer that he had. */
function endsAs(expected: (answered: number | undefined) => readonly string[]): Scenario['faults'] {
  return (ending) => {
    const { lane, subject, answer, retried } = ending;
    const told = retried?.status ?? answer?.status;
    const faults: string[] = [];
    const right = expected(told);
    if (!right.includes(status(ending))) faults.push(`after ${told}: ${status(ending)}, not ${right.join(' or ')}`);
    if (told !== undefined && told >= 500 && told !== 503) faults.push(`(e) answered ${told}`);
    const here = ending.items.some(({ workbench_id }) => workbench_id === subject.id);
    if (subject.data && here && dataDigest(lane.cloud.cloud, subject.id) !== subject.data) {
      faults.push('(c) the data have changed');
    }
    return faults;
  };
}

const yes = (answered: number | undefined): boolean => answered !== undefined && answered < 300;

export const scenarios: readonly Scenario[] = [
  {
    name: 'create',
    prepare: nobody,
    operation: ({ user }) => create(user),
    answer: 201,
    retry: false,
    faults: endsAs((told) => (yes(told) ? ['running'] : ['running', 'gone'])),
  },
  {
    name: 'create with an idempotency key',
    prepare: nobody,
    operation: ({ user }) => create(user, { 'Idempotency-Key': `key of ${user}` }),
    answer: 201,
    retry: true,
    faults: endsAs(() => ['running']),
  },
  {
    name: 'create that ECS refuses',
    prepare: async (lane, user) => {
      lane.capacity.tasks = 0;
      return await nobody(lane, user);
    },
    operation: ({ user }) => create(user),
    answer: 503,
    retry: false,
    faults: async (ending) => {
      const faults = await endsAs(() => ['gone', 'stopped'])(ending);
      const [item] = ending.items;
      if (item && ending.answer) faults.push(`refused, and still there: ${JSON.stringify(item)}`);
      if (item && item.stopped_reason?.code !== 'NoCapacity')
        faults.push(`stopped for another reason: ${JSON.stringify(item)}`);
      return faults;
    },
  },
  {
    name: 'start',
    prepare: stopped,
    operation: (subject) => command(subject, 'start'),
    answer: 200,
    retry: false,
    faults: endsAs((told) => (yes(told) ? ['running'] : ['running', 'stopped'])),
  },
  {
    name: 'start, asked twice',
    prepare: stopped,
    operation: (subject) => command(subject, 'start'),
    answer: 200,
    retry: true,
    faults: endsAs(() => ['running']),
  },
  {
    name: 'start that adopts a task',
    prepare: async (lane, user) => {
      const subject = await stopped(lane, user);
      return { ...subject, taskId: await runByHand(lane, subject.id) };
    },
    operation: (subject) => command(subject, 'start'),
    answer: 200,
    retry: true,
    faults: async (ending) => {
      const { lane, subject } = ending;
      const alive = lane.cloud.cloud.look().tasks.filter(({ lastStatus, definition }) => {
        return lastStatus === 'RUNNING' && definition.family.endsWith(subject.id);
      });
      const faults = await endsAs(() => ['running'])(ending);
      if (alive.length !== 1 || alive[0]?.id !== subject.taskId) faults.push('(a) not the task that was there');
      return faults;
    },
  },
  {
    name: 'start without a task definition',
    prepare: async (lane, user) => {
      const subject = await stopped(lane, user);
      const { ecs, cloud } = lane.cloud;
      for (const { taskDefinitionArn, family, status } of cloud.look().taskDefinitions) {
        if (status !== 'ACTIVE' || !family.endsWith(subject.id)) continue;
        await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: taskDefinitionArn }));
      }
      return subject;
    },
    operation: (subject) => command(subject, 'start'),
    answer: 200,
    retry: true,
    faults: endsAs(() => ['running']),
  },
  {
    name: 'stop',
    prepare: running,
    operation: (subject) => command(subject, 'stop'),
    answer: 200,
    retry: false,
    faults: endsAs((told) => (yes(told) ? ['stopped'] : ['running', 'stopped'])),
  },
  {
    name: 'change of name and size',
    prepare: stopped,
    operation: ({ user, id }) => ({
      method: 'PATCH',
      path: `/workbenches/${id}${query(user)}`,
      body: { workbench_name: NEW_NAME, requested_cpu: 512, requested_memory: 1024 },
    }),
    answer: 200,
    retry: false,
    faults: ({ subject, answer, items }) => {
      const item = items.find(({ workbench_id: id }) => id === subject.id);
      const changed = [item?.workbench_name === NEW_NAME, item?.requested_cpu === 512];
      const wrong = changed[0] !== changed[1] || (answer?.status === 200 && !changed[0]);
      return wrong ? [`neither as it was nor as it was to be: ${JSON.stringify(item)}`] : [];
    },
  },
  {
    name: 'log of a running workbench',
    prepare: running,
    operation: readLog,
    answer: 200,
    retry: true,
    faults: endsAs(() => ['running']),
  },
  {
    name: 'destroy of a running workbench',
    prepare: running,
    operation: destroy,
    answer: 200,
    retry: false,
    faults: endsAs((told) => (yes(told) ? ['gone'] : ['gone', 'running'])),
  },
  {
    name: 'destroy of a stopped workbench, asked twice',
    prepare: stopped,
    operation: destroy,
    answer: 200,
    retry: true,
    faults: endsAs(() => ['gone']),
  },
  {
    name: 'destroy whose first purge fails',
    prepare: async (lane, user) => {
      const subject = await stopped(lane, user);
      lane.cloud.runtime.scriptPurges((family, attempt) =>
        family.endsWith(subject.id) && attempt === 1 ? 'fails' : 'empties',
      );
      return subject;
    },
    operation: destroy,
    answer: 200,
    retry: true,
    faults: endsAs(() => ['gone']),
  },
  {
    name: 'clearing up after files and access point were deleted by hand',
    prepare: running,
    // Settled only when nothing is left: the controller finds it by itself.
    operation: ({ user }) => list(user),
    disturb: async (lane, { id, folder }) => {
      rmSync(folder, { recursive: true });
      await lane.cloud.efs.send(new DeleteAccessPointCommand({ AccessPointId: `fsap-${id}` }));
    },
    answer: 200,
    retry: false,
    faults: endsAs(() => ['gone']),
  },
  {
    name: 'list',
    prepare: running,
    operation: ({ user }) => list(user),
    answer: 200,
    retry: false,
    faults: endsAs(() => ['running']),
  },
  {
    name: 'readiness',
    // A controller that was asked a moment ago doesn't ask AWS again.
    prepare: async (lane, user) => {
      await lane.restart();
      return await running(lane, user);
    },
    operation: () => ({ method: 'GET', path: '/readyz' }),
    answer: 200,
    retry: false,
    faults: endsAs(() => ['running']),
  },
];

/** As an operator might, past the controller. @returns the task's id */
async function runByHand(lane: Lane, id: string): Promise<string> {
  const { tasks = [] } = await lane.cloud.ecs.send(
    new RunTaskCommand({
      taskDefinition: `workbench-${id}`,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: [...lane.cloud.cloud.subnets] } },
    }),
  );
  await delay(2 * VISIBILITY_MS);
  return tasks[0]?.taskArn?.split('/').pop() ?? '';
}
