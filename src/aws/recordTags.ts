import { createHash } from 'node:crypto';
import { isFargateSize } from '../workbench/fargateSizes.ts';
import type { Draft, WorkbenchChanges } from '../workbench/ports.ts';
import { isStoppedReasonCode } from '../workbench/stoppedReason.ts';
import type { Destroy, Outcome, Workbench } from '../workbench/Workbench.ts';
import { fromTags, type Tags, toOneTag, toTags } from './tagText.ts';

/** Keys of the tags that hold a record. */
export const tagKeys = {
  stack: 'workbench:stack',
  user: 'workbench:user',
  name: 'workbench:name',
  cpu: 'workbench:cpu',
  memory: 'workbench:memory',
  created: 'workbench:created',
  request: 'workbench:request',
  run: 'workbench:run',
  outcome: 'workbench:outcome',
  stopped: 'workbench:stopped',
  destroy: 'workbench:destroy',
} as const;

const REFUSED = 'refused';
/** For a record whose size can't be read: what a workbench has that asks for nothing. */
const FALLBACK_SIZE = { cpu: 1024, memory: 2048 };

/** The tags of a new access point: the record, with its first generation already meant to run. */
export function draftTags(stack: string, draft: Draft): Tags {
  return {
    Name: toOneTag(`${stack} ${draft.userId} ${draft.name ?? ''}`.trim()),
    [tagKeys.stack]: stack,
    ...toTags(tagKeys.user, draft.userId),
    ...(draft.name === undefined ? {} : toTags(tagKeys.name, draft.name)),
    [tagKeys.cpu]: String(draft.size.cpu),
    [tagKeys.memory]: String(draft.size.memory),
    [tagKeys.created]: draft.createdAt.toISOString(),
    ...(draft.request === undefined ? {} : { [tagKeys.request]: draft.request }),
    [tagKeys.run]: '1',
  };
}

export function changeTags({ run, outcome, stopped, destroy }: WorkbenchChanges): Tags {
  return {
    ...(run === undefined ? {} : { [tagKeys.run]: String(run) }),
    ...(outcome ? { [tagKeys.outcome]: outcomeText(outcome) } : {}),
    ...(stopped
      ? { [tagKeys.stopped]: toOneTag(`${stopped.generation}:${stopped.reason.code}:${stopped.reason.message}`) }
      : {}),
    ...(destroy ? { [tagKeys.destroy]: destroyText(destroy) } : {}),
  };
}

/**
 * The record that the tags hold.
 * @returns undefined if who owns it can't be read; the rest falls back to what is safe
 */
export function readRecord(id: string, storageReady: boolean, tags: Tags): Workbench | undefined {
  const userId = fromTags(tagKeys.user, tags);
  const createdAt = new Date(tags[tagKeys.created] ?? '');
  const size = { cpu: Number(tags[tagKeys.cpu]), memory: Number(tags[tagKeys.memory]) };
  if (!userId) return undefined;
  return {
    id,
    userId,
    name: fromTags(tagKeys.name, tags) ?? `wb-${id}`,
    size: isFargateSize(size) ? size : FALLBACK_SIZE,
    createdAt: Number.isNaN(createdAt.getTime()) ? new Date(0) : createdAt,
    storageReady,
    run: generationOf(tags[tagKeys.run]) ?? 0,
    outcome: readOutcome(tags[tagKeys.outcome]),
    stopped: readStopped(fromTags(tagKeys.stopped, tags)),
    destroy: readDestroy(tags[tagKeys.destroy]),
    request: tags[tagKeys.request],
  };
}

/** Short, stable, and different whenever the content is. */
export function fingerprint(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
}

function generationOf(text: string | undefined): number | undefined {
  return text && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

function outcomeText(outcome: Outcome): string {
  return 'refused' in outcome
    ? `${outcome.generation}:${REFUSED}`
    : `${outcome.generation}:${outcome.taskId}:${outcome.launchedAt}`;
}

function readOutcome(text: string | undefined): Outcome | undefined {
  const [generationText, taskId = '', launchedText] = text?.split(':') ?? [];
  const generation = generationOf(generationText);
  if (generation === undefined || !taskId) return undefined;
  return taskId === REFUSED
    ? { generation, refused: true }
    : { generation, taskId, launchedAt: Number(launchedText) || 0 };
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
  const [step, generationText, attemptText, taskId, launchedText] = text.split(':');
  // A record that lost its other tags is destroyed as generation 0.
  const generation = generationText === '0' ? 0 : generationOf(generationText);
  const attempt = generationOf(attemptText);
  if (step === 'purged' && generation !== undefined) return { step, generation };
  if (step === 'purging' && generation !== undefined && attempt !== undefined) {
    const known = taskId === REFUSED ? undefined : taskId;
    return { step, generation, attempt, taskId: known, launchedAt: Number(launchedText) || 0 };
  }
  return { step: 'requested' };
}
