import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessPoint, CloudSight, LocalCloud, LocalCloudOptions, OnCall } from '@workbench/local-cloud';
import { startTestCloud, type TestCloud } from '../../local-cloud/test/support/startTestCloud.ts';
import { purgeCommand } from '../../src/aws/taskDefinition.ts';
import { lastAnswer } from './eventually.ts';
import { createScriptedRuntime, type ScriptedRuntime } from './scriptedRuntime.ts';

/*
 * The invariants of docs/invariants.md, checked against what the cloud is and has, never against what the controller
 * says. The tags and names are spelled out here on purpose: a checker that shares the code shares its mistakes.
 */

type CloudTask = CloudSight['tasks'][number];

const DEFAULT_STACK = 'workbench';

export type WatchedCloud = TestCloud &
  Readonly<{
    runtime: ScriptedRuntime;
    /** Broken at any moment so far: (a), and the order that (d) demands. */
    violations: readonly string[];
  }>;

/** A test cloud that is looked at after every call that could break (a) or (d). */
export async function startWatchedCloud(options: Partial<LocalCloudOptions> = {}): Promise<WatchedCloud> {
  const runtime = createScriptedRuntime();
  const watch = watchLiveTasks();
  const { onCall } = options;
  const test = await startTestCloud({
    runtime,
    ...options,
    onCall: async (...call) => {
      watch.onCall(...call);
      await onCall?.(...call);
    },
  });
  watch.attach(test.cloud);
  return { ...test, runtime, violations: watch.violations };
}

/**
 * Continuous: only RunTask can add a live task, so looking after each one misses nothing; only a purge and
 * DeleteAccessPoint can lose data, so looking at each of them misses nothing either.
 */
export function watchLiveTasks(): Readonly<{
  onCall(...call: Parameters<OnCall>): void;
  attach(cloud: LocalCloud): void;
  violations: readonly string[];
}> {
  const violations: string[] = [];
  let cloud: LocalCloud | undefined;
  let recorded = new Map<string, AccessPoint>();

  function afterRunTask(sight: CloudSight): void {
    const living = new Map<string, CloudTask[]>();
    for (const task of sight.tasks) {
      if (isAlive(task)) living.set(task.definition.family, [...(living.get(task.definition.family) ?? []), task]);
    }
    for (const [family, tasks] of living) {
      const working = tasks.filter((task) => !isPurge(task));
      if (working.length > 1) violations.push(`(a) ${family} has ${working.length} live tasks: ${ids(working)}`);
      if (tasks.length === working.length) continue;
      if (working.length > 0) violations.push(`(d) ${family} is purged beside its live task ${ids(working)}`);
      const record = sight.accessPoints.find(({ id }) => family.endsWith(`-${id.slice(5)}`));
      if (!record || tag(record, 'destroy') === undefined) {
        violations.push(`(c) ${family} is purged although nobody asked for its destruction`);
      }
    }
  }

  return {
    violations,
    attach: (attached) => {
      cloud = attached;
    },
    onCall: (call, phase) => {
      if (call === 'RunTask' && phase === 'after' && cloud) afterRunTask(cloud.look());
      if (call !== 'DeleteAccessPoint' || !cloud) return;
      const now = new Map(cloud.look().accessPoints.map((accessPoint) => [accessPoint.id, accessPoint]));
      if (phase === 'after') {
        for (const [id, accessPoint] of recorded) {
          const folder = cloud.pathOf(accessPoint.rootDirectory.Path);
          if (!now.has(id) && existsSync(folder) && readdirSync(folder).length > 0) {
            violations.push(`(d) the record of ${id} went before its data`);
          }
        }
      }
      recorded = now;
    },
  };
}

/**
 * What is wrong now that things have settled: (b), and what (d) wants to be gone. No findings: an empty list.
 * @param cloud the cloud itself, and what its watch has found, if it has one
 */
export async function collectViolations(
  { cloud, violations = [] }: Readonly<{ cloud: LocalCloud; violations?: readonly string[] }>,
  stack = DEFAULT_STACK,
): Promise<string[]> {
  const sight = cloud.look();
  const records = new Map(ofStack(sight, stack).map((accessPoint) => [workbenchIdOf(accessPoint), accessPoint]));
  const found = [...violations];
  const idOf = (family: string): string => family.slice(stack.length + 1);

  for (const task of sight.tasks) {
    if (!isAlive(task) || !isFamilyOf(stack, task.definition.family)) continue;
    const record = records.get(idOf(task.definition.family));
    if (!record) found.push(`(b) task ${task.id} belongs to no workbench`);
    else if (isPurge(task)) found.push(`(b) purge ${task.id} still lives`);
    else if (tag(record, 'outcome')?.split(':')[1] !== task.id) {
      found.push(`(b) task ${task.id} is not the one that its workbench ${record.id} names`);
    }
  }
  for (const { family, status, taskDefinitionArn } of sight.taskDefinitions) {
    if (status === 'ACTIVE' && isFamilyOf(stack, family) && !records.has(idOf(family))) {
      found.push(`(b) task definition ${taskDefinitionArn} is active and belongs to no workbench`);
    }
  }
  for (const [id, record] of records) {
    if (tag(record, 'destroy') !== undefined) found.push(`(b) the destroy of ${id} has not come to its end`);
    else if (isOutstanding(record)) found.push(`(b) a start of ${id} has not come to its end`);
  }
  const home = cloud.pathOf(`/${stack}`);
  const used = new Set(sight.accessPoints.map(({ rootDirectory }) => cloud.pathOf(rootDirectory.Path)));
  for (const name of existsSync(home) ? readdirSync(home) : []) {
    if (!used.has(join(home, name))) found.push(`(d) the data in ${name} belong to no workbench`);
  }
  return found;
}

/** The same of what is still under way, or has to settle: faults count if they stay. */
export async function lastingViolations(
  watched: Readonly<{ cloud: LocalCloud; violations?: readonly string[] }>,
): Promise<string[]> {
  return await lastAnswer(
    async () => (isSettled(watched.cloud) ? await collectViolations(watched) : ['something is still under way']),
    (found) => found.length === 0 || found.some((one) => watched.violations?.includes(one)),
  );
}

/** Nothing of the stack is under way: no start or destroy outstanding, no task between up and down, nothing orphaned. */
export function isSettled(cloud: LocalCloud, stack = DEFAULT_STACK): boolean {
  const sight = cloud.look();
  const busy = sight.tasks.some(
    (task) =>
      isFamilyOf(stack, task.definition.family) && isAlive(task) && (task.lastStatus !== 'RUNNING' || isPurge(task)),
  );
  const records = ofStack(sight, stack);
  const ids = new Set(records.map(workbenchIdOf));
  const orphaned = sight.taskDefinitions.some(
    ({ family, status }) =>
      status === 'ACTIVE' && isFamilyOf(stack, family) && !ids.has(family.slice(stack.length + 1)),
  );
  return !busy && !orphaned && records.every((it) => tag(it, 'destroy') === undefined && !isOutstanding(it));
}

/** Every name, mode and byte of a workbench's folder as one text: (c). Empty if there is no such folder. */
export function dataDigest(cloud: LocalCloud, workbenchId: string): string {
  const accessPoint = cloud.look().accessPoints.find((one) => workbenchIdOf(one) === workbenchId);
  return accessPoint ? folderDigest(cloud.pathOf(accessPoint.rootDirectory.Path)) : '';
}

function folderDigest(folder: string): string {
  if (!existsSync(folder)) return '';
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  for (const name of names) {
    const path = join(folder, name);
    const { mode } = lstatSync(path);
    hash.update(`${name}\0${mode}\0`);
    if (lstatSync(path).isSymbolicLink()) hash.update(readlinkSync(path));
    else if (lstatSync(path).isFile()) hash.update(readFileSync(path));
  }
  return `${names.length}:${hash.digest('hex')}`;
}

/**
 * Everything there is of some workbenches (record, tasks, task definitions, data) as one text: (g). Equal before and
 * after whatever others did.
 */
export function footprint(cloud: LocalCloud, belongs: (workbenchId: string) => boolean): string {
  const { accessPoints, tasks, taskDefinitions } = cloud.look();
  const ofFamily = (family: string): boolean => belongs(family.slice(family.lastIndexOf('-') + 1));
  const own = accessPoints.filter((accessPoint) => belongs(workbenchIdOf(accessPoint)));
  return JSON.stringify({
    records: own.map((record) => ({ ...record, tags: [...record.tags].sort((a, b) => (a.Key < b.Key ? -1 : 1)) })),
    data: own.map((record) => folderDigest(cloud.pathOf(record.rootDirectory.Path))),
    tasks: tasks
      .filter(({ definition }) => ofFamily(definition.family))
      .map(({ id, lastStatus, desiredStatus }) => ({ id, lastStatus, desiredStatus })),
    taskDefinitions: taskDefinitions
      .filter(({ family }) => ofFamily(family))
      .map(({ taskDefinitionArn, status }) => ({ taskDefinitionArn, status })),
  });
}

export function workbenchIdOf({ id }: Pick<AccessPoint, 'id'>): string {
  return id.slice('fsap-'.length);
}

/** Tasks that can still write: everything before STOPPED. */
export function isAlive({ lastStatus }: CloudTask): boolean {
  return lastStatus !== 'STOPPED';
}

export function isPurge({ overrides }: CloudTask): boolean {
  return overrides.containerOverrides.some(({ command }) => command?.join() === purgeCommand.join());
}

function ofStack({ accessPoints }: CloudSight, stack: string): AccessPoint[] {
  return accessPoints.filter((accessPoint) => tag(accessPoint, 'stack') === stack);
}

/** Another stack's name may begin with this one's. */
function isFamilyOf(stack: string, family: string): boolean {
  return family.startsWith(`${stack}-`) && /^[0-9a-f]{8,40}$/.test(family.slice(stack.length + 1));
}

function tag({ tags }: AccessPoint, name: string): string | undefined {
  return tags.find(({ Key }) => Key === `workbench:${name}`)?.Value;
}

function isOutstanding(accessPoint: AccessPoint): boolean {
  const generation = (name: string): number => Number.parseInt(tag(accessPoint, name) ?? '0', 10) || 0;
  return generation('run') > generation('outcome');
}

function ids(tasks: readonly CloudTask[]): string {
  return tasks.map(({ id, lastStatus }) => `${id} (${lastStatus})`).join(', ');
}
