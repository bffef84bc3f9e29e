import { createHash } from 'node:crypto';
import { isSize } from '../workbench/model/fargateSizes.ts';
import { isProfileName } from '../workbench/model/Profile.ts';
import { isStoppedReasonCode } from '../workbench/model/stoppedReason.ts';
import { isNameLength, isPrintable, isUserId } from '../workbench/model/userText.ts';
import { type Destroy, LAST_GENERATION, type Outcome, type Workbench } from '../workbench/model/Workbench.ts';
import type { Draft, WorkbenchChanges } from '../workbench/ports.ts';
import { fromTags, type Tags, toOneTag, toTags, toTagsInPlace } from './tagText.ts';

/** Keys of the tags that hold a record. */
export const tagKeys = {
  stack: 'workbench:stack',
  user: 'workbench:user',
  name: 'workbench:name',
  profile: 'workbench:profile',
  cpu: 'workbench:cpu',
  memory: 'workbench:memory',
  created: 'workbench:created',
  request: 'workbench:request',
  run: 'workbench:run',
  outcome: 'workbench:outcome',
  stopped: 'workbench:stopped',
  destroy: 'workbench:destroy',
  notBefore: 'workbench:not-before',
} as const;

const REFUSED = 'refused';
/** Nobody's id: the owner of what is being destroyed, once that can't be read any more. */
const NOBODY = '';
/** ECS's ids, old and new, and those of endpoints like it. ECS refuses a call for an id of any other length. */
const taskId = /^(?:[\da-zA-Z-]{32}|[\da-zA-Z-]{36})$/;
/** In the place of an outcome, so that writing one takes it away. Whatever else stands there is none. */
const UNANSWERED = 'unanswered';
/** For a record whose size can't be read: what a workbench has that asks for nothing. */
const FALLBACK_SIZE = { cpu: 1024, memory: 2048 };

/** The tags of a new access point: the record, with its first generation already meant to run. */
export function draftTags(stack: string, draft: Draft): Tags {
  return {
    Name: nameTag(stack, draft.userId, draft.name ?? ''),
    [tagKeys.stack]: stack,
    ...toTags(tagKeys.user, draft.userId),
    ...(draft.name === undefined ? {} : toTags(tagKeys.name, draft.name)),
    ...(draft.profile === undefined ? {} : { [tagKeys.profile]: draft.profile }),
    [tagKeys.cpu]: String(draft.size.cpu),
    [tagKeys.memory]: String(draft.size.memory),
    [tagKeys.created]: draft.createdAt.toISOString(),
    ...(draft.request === undefined ? {} : { [tagKeys.request]: draft.request }),
    [tagKeys.run]: '1',
    ...(draft.request === undefined ? { [tagKeys.outcome]: UNANSWERED } : {}),
  };
}

/** What people see first in a list of access points. */
function nameTag(stack: string, userId: string, name: string): string {
  return toOneTag(`${stack} ${userId} ${name}`.trim());
}

/** What of a record changes. Tags can't be taken away: an empty one says that there is nothing. */
export function changeTags(changes: WorkbenchChanges, stack = ''): Tags {
  const { run, outcome, stopped, destroy, notBefore, userId = '', name, size } = changes;
  return {
    ...(name === undefined ? {} : { Name: nameTag(stack, userId, name), ...toTagsInPlace(tagKeys.name, name) }),
    ...('profile' in changes ? { [tagKeys.profile]: changes.profile ?? '' } : {}),
    ...(size ? { [tagKeys.cpu]: String(size.cpu), [tagKeys.memory]: String(size.memory) } : {}),
    ...(run === undefined ? {} : { [tagKeys.run]: String(run) }),
    ...(outcome ? { [tagKeys.outcome]: outcomeText(outcome) } : {}),
    ...(stopped
      ? { [tagKeys.stopped]: toOneTag(`${stopped.generation}:${stopped.reason.code}:${stopped.reason.message}`) }
      : {}),
    ...(destroy ? { [tagKeys.destroy]: destroyText(destroy) } : {}),
    ...(notBefore === undefined ? {} : { [tagKeys.notBefore]: String(notBefore) }),
  };
}

/**
 * The record that the tags hold. Anybody with the right to tag may have edited them: each is checked.
 * @returns undefined if who owns it can't be read, unless it is being destroyed; the rest falls back to what is safe
 */
export function readRecord(id: string, storageReady: boolean, tags: Tags, createMark = ''): Workbench | undefined {
  const userId = fromTags(tagKeys.user, tags) ?? '';
  const name = fromTags(tagKeys.name, tags) ?? '';
  const size = { cpu: Number(tags[tagKeys.cpu]), memory: Number(tags[tagKeys.memory]) };
  const profile = tags[tagKeys.profile];
  const destroy = readDestroy(tags[tagKeys.destroy]);
  const notBefore = timeOf(tags[tagKeys.notBefore]);
  if (!isUserId(userId) && !destroy) return undefined;
  return {
    id,
    userId: isUserId(userId) ? userId : NOBODY,
    name: isNameLength(name) && isPrintable(name) ? name : `wb-${id}`,
    profile: isProfileName(profile) ? profile : undefined,
    size: isSize(size) ? size : FALLBACK_SIZE,
    createdAt: readDate(tags[tagKeys.created]),
    storageReady,
    run: generationOf(tags[tagKeys.run]) ?? 0,
    outcome: readOutcome(tags[tagKeys.outcome]),
    ...(tags[tagKeys.outcome] === UNANSWERED ? { unanswered: true } : {}),
    stopped: readStopped(fromTags(tagKeys.stopped, tags)),
    destroy,
    ...(notBefore > 0 ? { notBefore } : {}),
    createMark,
    request: tags[tagKeys.request],
  };
}

/** Short, stable, and different whenever the content is. */
export function fingerprint(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
}

function generationOf(text = ''): number | undefined {
  return /^[1-9]\d{0,9}$/.test(text) && Number(text) <= LAST_GENERATION ? Number(text) : undefined;
}

/** Milliseconds since the epoch; 0, which is long ago, for anything else. */
function timeOf(text = ''): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

function readDate(text = ''): Date {
  const date = new Date(/^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(text) ? text : 0);
  return Number.isNaN(date.getTime()) ? new Date(0) : date;
}

function taskIdOf(text = ''): string | undefined {
  return taskId.test(text) ? text : undefined;
}

function outcomeText(outcome: Outcome): string {
  return 'refused' in outcome
    ? `${outcome.generation}:${REFUSED}`
    : [outcome.generation, outcome.taskId, outcome.launchedAt, ...(outcome.profile ? [outcome.profile] : [])].join(':');
}

function readOutcome(text: string | undefined): Outcome | undefined {
  const [generationText, result, launchedText, profile] = text?.split(':') ?? [];
  const generation = generationOf(generationText);
  const taskId = taskIdOf(result);
  if (generation === undefined) return undefined;
  if (result === REFUSED) return { generation, refused: true };
  // Without a task it is as if it were still outstanding: whoever needs it asks ECS again, by the generation's token.
  if (taskId === undefined) return undefined;
  const launchedAt = timeOf(launchedText);
  return { generation, taskId, launchedAt, ...(profile && isProfileName(profile) ? { profile } : {}) };
}

function readStopped(text: string | undefined): Workbench['stopped'] {
  const [, generationText, code = '', message = ''] = /^(\d+):(\w+):(.*)$/s.exec(text ?? '') ?? [];
  const generation = generationOf(generationText);
  if (generation === undefined || !isStoppedReasonCode(code)) return undefined;
  return { generation, reason: { code, message } };
}

function destroyText(destroy: Destroy): string {
  switch (destroy.step) {
    case 'requested':
      return destroy.step;
    case 'purging':
      return `purging:${destroy.generation}:${destroy.attempt}:${destroy.taskId ?? REFUSED}:${destroy.launchedAt}`;
    case 'purged':
      return `purged:${destroy.generation}`;
  }
}

/** Whatever stands there, the intent stands: an unreadable one begins anew. */
function readDestroy(text: string | undefined): Destroy | undefined {
  if (text === undefined) return undefined;
  const [step, generationText, attemptText, result, launchedText] = text.split(':');
  // A record that lost its other tags is destroyed as generation 0.
  const generation = generationText === '0' ? 0 : generationOf(generationText);
  const attempt = generationOf(attemptText);
  if (step === 'purged' && generation !== undefined) return { step, generation };
  if (step === 'purging' && generation !== undefined && attempt !== undefined) {
    return { step, generation, attempt, taskId: taskIdOf(result), launchedAt: timeOf(launchedText) };
  }
  return { step: 'requested' };
}
