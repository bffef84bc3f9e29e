import { createProfiles, type Profile, type Profiles } from '../../src/workbench/model/Profile.ts';
import type { Task } from '../../src/workbench/model/Task.ts';
import type { Workbench } from '../../src/workbench/model/Workbench.ts';

export function aProfile(changes: Partial<Profile> = {}): Profile {
  return {
    name: 'default',
    title: undefined,
    image: 'registry.example/workbench:latest',
    size: { cpu: 1024, memory: 2048 },
    gpu: undefined,
    architecture: undefined,
    ephemeralGib: undefined,
    capacityProviders: [],
    bootCommand: 'exec /app.sh',
    ...changes,
  };
}

/** The first of them is the default. */
export function someProfiles(...profiles: readonly [Profile, ...Profile[]]): Profiles {
  return createProfiles({ profiles, byDefault: profiles[0].name, implicit: false });
}

/** A workbench created, and started by nobody else: its first task is on the record. */
export function aWorkbench(changes: Partial<Workbench> = {}): Workbench {
  return {
    id: '0123456789abcdef0',
    userId: 'ada',
    name: 'analysis',
    profile: undefined,
    size: { cpu: 1024, memory: 2048 },
    createdAt: new Date('2026-01-02T03:04:05.678Z'),
    storageReady: true,
    run: 1,
    outcome: { generation: 1, taskId: 't1', launchedAt: 1_000_000 },
    stopped: undefined,
    destroy: undefined,
    createMark: '',
    request: undefined,
    ...changes,
  };
}

export function aTask(changes: Partial<Task> = {}): Task {
  return {
    id: 't1',
    workbenchId: '0123456789abcdef0',
    status: 'running',
    toStop: false,
    purge: false,
    address: { host: '10.0.0.7', port: 3000 },
    times: { createdAt: undefined, connectivityAt: undefined, pullStartedAt: undefined, pullStoppedAt: undefined },
    image: undefined,
    imageDigest: undefined,
    size: undefined,
    end: undefined,
    ...changes,
  };
}

/** A task that has ended, by itself unless told otherwise. */
export function anEndedTask(changes: Partial<Task> = {}): Task {
  const end = {
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    exitCode: 1,
    containerReason: undefined,
  };
  return aTask({ status: 'stopped', toStop: true, address: undefined, end, ...changes });
}
