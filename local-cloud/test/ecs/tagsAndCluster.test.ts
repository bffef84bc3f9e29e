import { describe, expect, test } from '@jest/globals';
import { definition, ecsFixture, run } from './ecsFixture.ts';

describe('tags', () => {
  test('of tasks, task definitions and the cluster can be set, listed and removed', async () => {
    const { call } = ecsFixture();
    const registered = await call('RegisterTaskDefinition', definition());
    const { tasks } = await call('RunTask', run());
    const cluster = 'arn:aws:ecs:us-west-1:000000000000:cluster/workbench';
    for (const resourceArn of [registered.taskDefinition.taskDefinitionArn, tasks[0].taskArn, cluster]) {
      await call('TagResource', {
        resourceArn,
        tags: [
          { key: 'a', value: '1' },
          { key: 'b', value: '2' },
        ],
      });
      await call('TagResource', { resourceArn, tags: [{ key: 'b', value: '3' }] });
      await call('UntagResource', { resourceArn, tagKeys: ['a', 'unknown'] });
      expect(await call('ListTagsForResource', { resourceArn })).toEqual({ tags: [{ key: 'b', value: '3' }] });
    }
    const query = { cluster: 'workbench', tasks: [tasks[0].taskArn] };
    expect((await call('DescribeTasks', query)).tasks[0].tags).toEqual([]);
    expect((await call('DescribeTasks', { ...query, include: ['TAGS'] })).tasks[0].tags).toHaveLength(1);
    expect(
      (await call('DescribeClusters', { clusters: ['workbench'], include: ['TAGS'] })).clusters[0].tags,
    ).toHaveLength(1);
  });

  test('are propagated from the task definition on demand, and the request wins', async () => {
    const { call } = ecsFixture();
    const inherited = [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ];
    await call('RegisterTaskDefinition', definition({ tags: inherited }));
    const tags = [{ key: 'b', value: '3' }];
    const plain = await call('RunTask', run({ tags }));
    const propagated = await call('RunTask', run({ tags, propagateTags: 'TASK_DEFINITION' }));
    expect(plain.tasks[0].tags).toEqual(tags);
    expect(propagated.tasks[0].tags).toEqual([
      { key: 'a', value: '1' },
      { key: 'b', value: '3' },
    ]);
  });

  const resourceArn = 'arn:aws:ecs:us-west-1:000000000000:cluster/workbench';
  const tagged: readonly [string, (tags: object[]) => Record<string, unknown>][] = [
    ['TagResource', (tags) => ({ resourceArn, tags })],
    ['RegisterTaskDefinition', (tags) => definition({ tags })],
    ['RunTask', (tags) => run({ tags })],
  ];
  test.each(tagged)(
    'that begin with aws:, key or value, in any case, are refused by %s',
    async (operation, request) => {
      const { call } = ecsFixture();
      await call('RegisterTaskDefinition', definition());
      for (const prefix of ['aws:', 'AWS:', 'aWs:']) {
        const reserved = [
          { key: `${prefix}x`, value: '' },
          { key: 'x', value: `${prefix}y` },
        ];
        for (const tag of reserved) await expect(call(operation, request([tag]))).rejects.toThrow(/reserved/);
      }
      await call(operation, request([{ key: 'x:aws:', value: 'my aws:y' }]));
    },
  );

  test.each(['aws:x', 'AWS:x'])('of AWS itself are not taken off: %s', async (key) => {
    await expect(ecsFixture().call('UntagResource', { resourceArn, tagKeys: [key] })).rejects.toThrow(/AWS/);
  });

  test('of something unknown, or more than fifty together, are refused', async () => {
    const { call } = ecsFixture();
    const resourceArn = 'arn:aws:ecs:us-west-1:000000000000:cluster/workbench';
    const tags = (prefix: string) =>
      Array.from({ length: 30 }, (_, index) => ({ key: `${prefix}${index}`, value: '' }));
    await call('TagResource', { resourceArn, tags: tags('a') });
    await expect(call('TagResource', { resourceArn, tags: tags('b') })).rejects.toThrow(/maximum number of tags/);
    await expect(call('TagResource', { resourceArn: `${resourceArn}2`, tags: [] })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('the cluster', () => {
  test('counts its tasks, and others are MISSING', async () => {
    const { call } = ecsFixture();
    await call('RegisterTaskDefinition', definition());
    await call('RunTask', run({ count: 2 }));
    const { clusters, failures } = await call('DescribeClusters', { clusters: ['workbench', 'other'] });
    expect(clusters[0]).toMatchObject({ clusterName: 'workbench', status: 'ACTIVE' });
    expect(clusters[0].pendingTasksCount + clusters[0].runningTasksCount).toBe(2);
    expect(failures).toEqual([{ arn: 'arn:aws:ecs:us-west-1:000000000000:cluster/other', reason: 'MISSING' }]);
  });

  test('uses long ARNs', async () => {
    const { call } = ecsFixture();
    const { settings } = await call('ListAccountSettings', { name: 'taskLongArnFormat', effectiveSettings: true });
    expect(settings).toEqual([expect.objectContaining({ name: 'taskLongArnFormat', value: 'enabled' })]);
  });

  test('has account settings that nobody has set: shown only to who asks for what is in effect', async () => {
    const { call } = ecsFixture();
    expect(await call('ListAccountSettings', { name: 'taskLongArnFormat' })).toEqual({ settings: [] });
    expect(await call('ListAccountSettings', { effectiveSettings: false })).toEqual({ settings: [] });
    expect((await call('ListAccountSettings', { effectiveSettings: true })).settings).toHaveLength(6);
    await expect(call('ListAccountSettings', { value: 'enabled' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'name can not be blank.',
    });
  });
});
