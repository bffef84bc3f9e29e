import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { changeTags, draftTags, fingerprint, readRecord, tagKeys } from '../../src/aws/recordTags.ts';
import type { Destroy } from '../../src/workbench/model/Workbench.ts';
import type { Draft, WorkbenchChanges } from '../../src/workbench/ports.ts';

const id = '0123456789abcdef0';
const aTaskId = '0123456789abcdef0123456789abcdef';
const draft: Draft = {
  userId: 'ada',
  name: 'analysis',
  profile: undefined,
  size: { cpu: 1024, memory: 2048 },
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
  request: undefined,
};

describe('the record of a new workbench', () => {
  test('comes back from its tags, its first generation meant to run', () => {
    expect(readRecord(id, true, draftTags('workbench', draft), 'mark')).toEqual({
      createMark: 'mark',
      id,
      userId: 'ada',
      name: 'analysis',
      size: { cpu: 1024, memory: 2048 },
      createdAt: draft.createdAt,
      storageReady: true,
      run: 1,
      outcome: undefined,
      unanswered: true,
      stopped: undefined,
      destroy: undefined,
      request: undefined,
    });
  });

  test('without a name has the default one, made of its id', () => {
    expect(readRecord(id, true, draftTags('workbench', { ...draft, name: undefined }))?.name).toBe(`wb-${id}`);
  });

  test('with an idempotency key holds the request’s fingerprint', () => {
    expect(readRecord(id, true, draftTags('workbench', { ...draft, request: 'f00' }))?.request).toBe('f00');
  });

  test('fits into the 50 tags that EFS takes, for the longest user and name and everything that is added later', () => {
    const longest = { ...draft, userId: '~"'.repeat(64), name: '𝕏'.repeat(64), request: 'f'.repeat(16) };
    const tags = {
      ...draftTags('s'.repeat(64), longest),
      ...changeTags({
        run: 99,
        outcome: { generation: 99, refused: true },
        stopped: { generation: 99, reason: { code: 'StartFailed', message: '"'.repeat(2000) } },
        destroy: { step: 'requested' },
        notBefore: 1_764_038_160_123,
      }),
    };
    expect(Object.keys(tags).length).toBeLessThanOrEqual(50);
    for (const value of Object.values(tags)) expect(value.length).toBeLessThanOrEqual(256);
    expect(readRecord(id, true, tags)).toMatchObject({ userId: longest.userId, name: longest.name });
  });
});

describe('a change', () => {
  test.each<[WorkbenchChanges]>([
    [{ run: 7 }],
    [{ outcome: { generation: 2, taskId: aTaskId, launchedAt: 1_700_000_000_000 } }],
    [{ outcome: { generation: 3, refused: true } }],
    [
      {
        stopped: { generation: 2, reason: { code: 'NoCapacity', message: 'No room. Cause: RESOURCE:CPU; "x", 100%' } },
      },
    ],
    [{ destroy: { step: 'requested' } }],
    [{ notBefore: 1_764_038_160_123 }],
    [{ destroy: { step: 'purging', generation: 2, attempt: 3, taskId: aTaskId, launchedAt: 5 } }],
    [{ destroy: { step: 'purging', generation: 2, attempt: 3, taskId: undefined, launchedAt: 0 } }],
    [{ destroy: { step: 'purged', generation: 2 } }],
  ])('%j comes back from its tags', (changes) => {
    const tags = { ...draftTags('workbench', draft), ...changeTags(changes) };
    expect(readRecord(id, true, tags)).toMatchObject(changes);
  });

  test.each<Destroy>([
    { step: 'purging', generation: 0, attempt: 1, taskId: aTaskId, launchedAt: 5 },
    { step: 'purged', generation: 0 },
  ])('keeps how far the destroy of a record without generations has come: %j', (destroy) => {
    expect(readRecord(id, true, { ...draftTags('workbench', draft), ...changeTags({ destroy }) })?.destroy).toEqual(
      destroy,
    );
  });

  test('touches no tag but its own', () => {
    expect(Object.keys(changeTags({ run: 2 }))).toEqual([tagKeys.run]);
    expect(changeTags({})).toEqual({});
  });
});

describe('tags that somebody edited by hand', () => {
  const good = draftTags('workbench', draft);

  test.each([
    ['no user', tagKeys.user, undefined],
    ['an empty user', tagKeys.user, ''],
    ['a broken user', tagKeys.user, '=FF'],
    ['a user that no caller can be', tagKeys.user, 'a=00'],
    ['a user too long', tagKeys.user, 'x'.repeat(129)],
  ])('with %s are no record', (_kind, key, value) => {
    const tags = Object.fromEntries(Object.entries({ ...good, [key]: value }).filter(([, text]) => text !== undefined));
    expect(readRecord(id, true, tags as Record<string, string>)).toBeUndefined();
  });

  test.each([
    ['no date', { [tagKeys.created]: '' }, { createdAt: new Date(0) }],
    ['a wrong date', { [tagKeys.created]: 'yesterday' }, { createdAt: new Date(0) }],
    ['a size of nothing', { [tagKeys.memory]: '0' }, { size: { cpu: 1024, memory: 2048 } }],
    ['a profile by no name', { [tagKeys.profile]: 'Größe' }, { profile: undefined }],
    ['a size in words', { [tagKeys.cpu]: 'two' }, { size: { cpu: 1024, memory: 2048 } }],
    ['a broken name', { [tagKeys.name]: '=ZZ' }, { name: `wb-${id}` }],
    ['a run that is no number', { [tagKeys.run]: 'x' }, { run: 0 }],
    ['a negative run', { [tagKeys.run]: '-1' }, { run: 0 }],
    ['a gigantic run', { [tagKeys.run]: '9'.repeat(30) }, { run: 0 }],
    ['an outcome without a task', { [tagKeys.outcome]: '1' }, { outcome: undefined }],
    [
      'an outcome without a time',
      { [tagKeys.outcome]: `1:${aTaskId}` },
      { outcome: { generation: 1, taskId: aTaskId, launchedAt: 0 } },
    ],
    ...['-5', '1e3', 'Infinity', '0x10', '9'.repeat(40)].map((time): [string, Record<string, string>, object] => [
      `an outcome at ${time}`,
      { [tagKeys.outcome]: `1:${aTaskId}:${time}` },
      { outcome: { generation: 1, taskId: aTaskId, launchedAt: 0 } },
    ]),
    // ECS refuses whole calls for any of these; what came of the start is then asked of it anew.
    ...['None', aTaskId.slice(1), `${aTaskId}0`, `${aTaskId.slice(1)}/`, 'arn', ''].map(
      (id): [string, Record<string, string>, object] => [
        `an outcome with the task ${id}`,
        { [tagKeys.outcome]: `1:${id}:1700000000000` },
        { outcome: undefined },
      ],
    ),
    [
      'a purge by no task of ECS',
      { [tagKeys.destroy]: 'purging:1:2:None:5' },
      { destroy: { step: 'purging', generation: 1, attempt: 2, taskId: undefined, launchedAt: 5 } },
    ],
    ['a year far off', { [tagKeys.created]: '+275760-09-13T00:00:00.000Z' }, { createdAt: new Date(0) }],
    ['a number for a date', { [tagKeys.created]: '-1' }, { createdAt: new Date(0) }],
    ['a name that can’t be seen', { [tagKeys.name]: 'a=00' }, { name: `wb-${id}` }],
    ['a name of blanks', { [tagKeys.name]: '=20' }, { name: `wb-${id}` }],
    ['a name too long', { [tagKeys.name]: 'x'.repeat(65) }, { name: `wb-${id}` }],
    ['the last run there can be', { [tagKeys.run]: '999999999' }, { run: 999_999_999 }],
    ['a run beyond it', { [tagKeys.run]: '1000000000' }, { run: 0 }],
    ['a reason of no kind', { [tagKeys.stopped]: '1:Bored:x' }, { stopped: undefined }],
    ['a destroy that says nothing', { [tagKeys.destroy]: '' }, { destroy: { step: 'requested' } }],
    ['a destroy of no kind', { [tagKeys.destroy]: 'please' }, { destroy: { step: 'requested' } }],
    ['a half purge', { [tagKeys.destroy]: 'purging:1' }, { destroy: { step: 'requested' } }],
    ['a purge of no generation', { [tagKeys.destroy]: 'purged:x' }, { destroy: { step: 'requested' } }],
  ])('with %s fall back to what is safe', (_kind, broken, expected) => {
    expect(readRecord(id, true, { ...good, ...broken })).toMatchObject(expected);
  });

  test('that leave no owner of what is being destroyed are a record all the same: nobody’s, to be carried through', () => {
    const tags = { ...good, [tagKeys.user]: '=FF', [tagKeys.destroy]: 'requested' };
    expect(readRecord(id, true, tags)).toMatchObject({ userId: '', destroy: { step: 'requested' } });
  });

  test.each([
    '0123456789abcdef0123456789abcdef',
    '01234567-89ab-cdef-0123-456789abcdef',
    '4d590253bb114126b7afa7b58EXAMPLE',
  ])('with a task’s id as ECS and endpoints like it give them, %s, name the task', (taskId) => {
    const tags = { ...good, [tagKeys.outcome]: `2:${taskId}:7` };
    expect(readRecord(id, true, tags)?.outcome).toEqual({ generation: 2, taskId, launchedAt: 7 });
  });

  test('never throw, whatever they hold', () => {
    const keys = fc.constantFrom(...Object.values(tagKeys), `${tagKeys.user}.2`, `${tagKeys.name}.2`, 'Name');
    fc.assert(
      fc.property(
        fc.dictionary(keys, fc.oneof(fc.string(), fc.constantFrom('1', '1:x:2', '=', '%', '=C3'))),
        (tags) => {
          const record = readRecord(id, true, { ...good, ...tags });
          if (record) expect(Number.isSafeInteger(record.run)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

test.each([
  ['🧮'.repeat(64), 'short'],
  ['short', '🧮'.repeat(64)],
  ['👩‍💻'.repeat(20), '漢'.repeat(40)],
])('a name changed from %s to %s leaves nothing of the former', (before, after) => {
  const tags = { ...draftTags('s', { ...draft, name: before }), ...changeTags({ userId: 'ada', name: after }, 's') };
  expect(readRecord(id, true, tags)?.name).toBe(after);
  expect(readRecord(id, true, { ...tags, ...changeTags({ userId: 'ada', name: before }, 's') })?.name).toBe(before);
});

test('a profile taken back is none', () => {
  const tags = { ...draftTags('s', { ...draft, profile: 'gpu' }), ...changeTags({ profile: undefined }) };
  expect(readRecord(id, true, tags)?.profile).toBeUndefined();
});

test('a fingerprint is short, the same for the same content, and another for any other', () => {
  expect(fingerprint({ a: 1 })).toMatch(/^[0-9a-f]{32}$/);
  expect(fingerprint({ a: 1 })).toBe(fingerprint({ a: 1 }));
  expect(fingerprint({ a: 2 })).not.toBe(fingerprint({ a: 1 }));
});
