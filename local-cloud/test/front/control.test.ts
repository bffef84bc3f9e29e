import { ListTagsForResourceCommand as EcsListTags, RunTaskCommand } from '@aws-sdk/client-ecs';
import { DescribeFileSystemsCommand, ListTagsForResourceCommand } from '@aws-sdk/client-efs';
import { describe, expect, test } from '@jest/globals';
import { RateLimits } from '../../src/front/RateLimits.ts';
import { TimingSettings } from '../../src/TimingSettings.ts';
import { instantTiming } from '../../src/timing.ts';
import { startTestFront, type TestFront } from './startTestFront.ts';

const runTask = new RunTaskCommand({ taskDefinition: 't', clientToken: 'c' });
const describeFileSystems = new DescribeFileSystemsCommand({});

function services(effects: string[] = []) {
  const effect = (name: string) => () => {
    effects.push(name);
    return {};
  };
  return {
    ecs: { RunTask: effect('RunTask'), ListTagsForResource: effect('ecs:ListTagsForResource') },
    efs: { DescribeFileSystems: effect('DescribeFileSystems'), ListTagsForResource: effect('efs:ListTagsForResource') },
  };
}

async function call(front: TestFront, method: string, path: string, body?: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(`${front.url}/_local/${path}`, body === undefined ? { method } : { method, body: text });
  return { status: answer.status, allow: answer.headers.get('allow'), body: (await answer.json()) as unknown };
}

const nameOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: unknown) => (error instanceof Error ? error.name : 'not an error'),
  );

describe('faults', () => {
  test('a throttle with times strikes that often, each service in its own way, and the call has no effect', async () => {
    const effects: string[] = [];
    await using front = await startTestFront(services(effects));
    await call(front, 'PUT', 'faults', [{ operation: '*', kind: 'throttle', times: 2 }]);

    await expect(front.ecs.send(runTask)).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400 },
    });
    await expect(front.efs.send(describeFileSystems)).rejects.toMatchObject({
      name: 'ThrottlingException',
      $metadata: { httpStatusCode: 429 },
    });
    expect(effects).toEqual([]);
    await front.ecs.send(runTask);
    expect(effects).toEqual(['RunTask']);
    expect((await call(front, 'GET', 'faults')).body).toEqual({ faults: [] });
  });

  test('an error carries its code and the status that goes with it, or is the service internal one', async () => {
    await using front = await startTestFront(services());
    await call(front, 'PUT', 'faults', [
      { operation: 'DescribeFileSystems', kind: 'error', code: 'FileSystemNotFound', times: 1 },
      { operation: 'DescribeFileSystems', kind: 'error' },
      { operation: 'RunTask', kind: 'error' },
    ]);

    const expected = (name: string, httpStatusCode: number) => ({ name, $metadata: { httpStatusCode } });
    await expect(front.efs.send(describeFileSystems)).rejects.toMatchObject(expected('FileSystemNotFound', 404));
    await expect(front.efs.send(describeFileSystems)).rejects.toMatchObject(expected('InternalServerError', 500));
    await expect(front.ecs.send(runTask)).rejects.toMatchObject(expected('ServerException', 500));
  });

  test.each(['error', 'throttle', 'reset'])('%s after: the effect takes place, its answer is lost', async (kind) => {
    const effects: string[] = [];
    await using front = await startTestFront(services(effects));
    front.control.setFaults([{ operation: 'RunTask', kind, when: 'after' }]);

    expect(await nameOf(front.ecs.send(runTask))).not.toBe('ok');
    expect(effects).toEqual(['RunTask']);
  });

  test('a timeout never answers, does nothing before and all after, until the client gives up', async () => {
    const effects: string[] = [];
    let heard = () => {};
    const arrived = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const onCall = (_name: string, phase: string) => (phase === 'after' ? heard() : undefined);
    await using front = await startTestFront(services(effects), { onCall });
    front.control.setFaults([{ operation: 'RunTask', kind: 'timeout', when: 'after' }]);
    const patience = new AbortController();

    const answer = nameOf(front.ecs.send(runTask, { abortSignal: patience.signal }));
    await arrived;
    await front.efs.send(describeFileSystems);
    patience.abort();

    expect(await answer).toBe('AbortError');
    expect(effects).toEqual(['RunTask', 'DescribeFileSystems']);
    expect(front.control.calls()).toMatchObject({ RunTask: { timeout: 1 } });
  });

  test('a reset before tears the connection down without effect', async () => {
    const effects: string[] = [];
    await using front = await startTestFront(services(effects));
    front.control.setFaults([{ operation: 'ecs:*', kind: 'reset' }]);

    await expect(front.ecs.send(runTask)).rejects.toThrow(/ECONNRESET/);
    expect(effects).toEqual([]);
  });

  test('a probability is thrown for with the given dice', async () => {
    const throws = [0.3, 0.29, 0.9];
    await using front = await startTestFront(services(), { random: () => throws.shift() ?? 1 });
    front.control.setFaults([{ operation: 'RunTask', kind: 'throttle', probability: 0.3 }]);

    const names = [];
    for (let n = 0; n < 3; n += 1) names.push(await nameOf(front.ecs.send(runTask)));

    expect(names).toEqual(['ok', 'ThrottlingException', 'ok']);
  });

  test('a name with its service strikes that service alone, a bare one both', async () => {
    await using front = await startTestFront(services());
    const both = async () => [
      await nameOf(front.ecs.send(new EcsListTags({ resourceArn: 'a' }))),
      await nameOf(front.efs.send(new ListTagsForResourceCommand({ ResourceId: 'fs-01234567' }))),
    ];

    front.control.setFaults([{ operation: 'efs:ListTagsForResource', kind: 'throttle' }]);
    expect(await both()).toEqual(['ok', 'ThrottlingException']);
    front.control.setFaults([{ operation: 'ListTagsForResource', kind: 'throttle' }]);
    expect(await both()).toEqual(['ThrottlingException', 'ThrottlingException']);
  });

  test.each([
    ['no list', {}],
    ['an unknown kind', [{ operation: 'RunTask', kind: 'explode' }]],
    ['a misspelt operation', [{ operation: 'RunTsk', kind: 'throttle' }]],
    ['an operation of the other service', [{ operation: 'efs:RunTask', kind: 'throttle' }]],
    ['an unknown key', [{ operation: 'RunTask', kind: 'throttle', often: true }]],
    ['a probability over 1', [{ operation: 'RunTask', kind: 'throttle', probability: 1.1 }]],
    ['times of 0', [{ operation: 'RunTask', kind: 'throttle', times: 0 }]],
    ['a code without an error', [{ operation: 'RunTask', kind: 'throttle', code: 'X' }]],
    ['broken JSON', '[{'],
    ['no body', ''],
  ])('%s is a 400 that says what is wrong, and the rules stay as they were', async (_case, body) => {
    await using front = await startTestFront(services());
    front.control.setFaults([{ operation: 'RunTask', kind: 'reset' }]);

    const answer = await call(front, 'PUT', 'faults', body);

    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringMatching(/\w/) } });
    expect((await call(front, 'GET', 'faults')).body).toMatchObject({
      faults: [{ operation: 'RunTask', kind: 'reset' }],
    });
  });

  test('DELETE clears', async () => {
    await using front = await startTestFront(services());
    front.control.setFaults([{ operation: 'RunTask', kind: 'reset' }]);

    expect((await call(front, 'DELETE', 'faults')).body).toEqual({ faults: [] });
    expect(await nameOf(front.ecs.send(runTask))).toBe('ok');
  });
});

test('calls are counted by operation and outcome, apart where both services have the name, until cleared', async () => {
  await using front = await startTestFront(services());
  front.control.setFaults([{ operation: 'RunTask', kind: 'throttle', times: 1 }]);
  await nameOf(front.ecs.send(runTask));
  await front.ecs.send(runTask);
  await front.ecs.send(runTask);
  await front.ecs.send(new EcsListTags({ resourceArn: 'a' }));
  await front.efs.send(new ListTagsForResourceCommand({ ResourceId: 'fs-01234567' }));

  expect((await call(front, 'GET', 'calls')).body).toEqual({
    calls: {
      RunTask: { ThrottlingException: 1, ok: 2 },
      'ecs:ListTagsForResource': { ok: 1 },
      'efs:ListTagsForResource': { ok: 1 },
    },
  });
  expect((await call(front, 'DELETE', 'calls')).body).toEqual({ calls: {} });
  expect((await call(front, 'GET', 'calls')).body).toEqual({ calls: {} });
});

test('the hook is awaited before and after each effect', async () => {
  const log: string[] = [];
  const onCall = async (name: string, phase: string) => {
    await new Promise(setImmediate);
    log.push(`${phase} ${name}`);
  };
  await using front = await startTestFront(services(log), { onCall });

  await front.efs.send(new ListTagsForResourceCommand({ ResourceId: 'fs-01234567' }));

  const name = 'efs:ListTagsForResource';
  expect(log).toEqual([`before ${name}`, name, `after ${name}`]);
});

describe('timing', () => {
  test('a partial change changes the given keys only', async () => {
    await using front = await startTestFront(services());

    const changed = await call(front, 'PUT', 'timing', { pendingMs: 5, rates: 'aws' });

    expect(changed).toMatchObject({ status: 200, body: { ...instantTiming, pendingMs: 5, rates: 'aws' } });
    expect((await call(front, 'GET', 'timing')).body).toEqual(changed.body);
  });

  test.each([
    ['a negative time', { pendingMs: -1 }],
    ['an unknown key', { pendngMs: 1 }],
    ['unknown rates', { rates: 'gcp' }],
    ['a list', []],
  ])('%s is a 400 and changes nothing', async (_case, body) => {
    await using front = await startTestFront(services());

    expect((await call(front, 'PUT', 'timing', body)).status).toBe(400);
    expect((await call(front, 'GET', 'timing')).body).toEqual(instantTiming);
  });

  test('latency holds every call up', async () => {
    await using front = await startTestFront(services(), {
      timing: new TimingSettings({ ...instantTiming, latencyMs: 40 }),
    });
    const start = performance.now();

    await front.ecs.send(runTask);

    expect(performance.now() - start).toBeGreaterThanOrEqual(38);
  });

  test("AWS's rates let a burst through, throttle, and recover at the sustained rate", async () => {
    let now = 0;
    await using front = await startTestFront(services(), {
      timing: new TimingSettings({ ...instantTiming, rates: 'aws' }),
      monotonicNow: () => now,
    });
    const names = async (count: number) => {
      const outcomes = await Promise.all(Array.from({ length: count }, () => nameOf(front.ecs.send(runTask))));
      return outcomes.filter((outcome) => outcome === 'ok').length;
    };

    expect(await names(25)).toBe(20);
    now += 500;
    expect(await names(25)).toBe(10);
    front.control.changeTiming({ rates: 'off' });
    expect(await names(25)).toBe(25);
  });

  test('EFS lets one access point a second be created, and another be deleted', () => {
    let now = 0;
    const limits = new RateLimits(() => now);
    const admitted = (call: string) => Array.from({ length: 30 }, () => limits.admit(call)).filter(Boolean).length;

    expect(admitted('CreateAccessPoint')).toBe(2);
    expect(admitted('DeleteAccessPoint')).toBe(2);
    now += 1_000;
    expect(['CreateAccessPoint', 'DeleteAccessPoint', 'DescribeAccessPoints'].map(admitted)).toEqual([1, 1, 30]);
  });
});

test.each([
  ['GET', 'nothing', 404, null],
  ['POST', 'faults', 405, 'GET, PUT, DELETE'],
  ['PUT', 'calls', 405, 'GET, DELETE'],
])('%s /_local/%s is a %i', async (method, path, status, allow) => {
  await using front = await startTestFront(services());

  expect(await call(front, method, path, method === 'GET' ? undefined : {})).toMatchObject({ status, allow });
});
