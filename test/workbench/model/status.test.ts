import { describe, expect, test } from '@jest/globals';
import { statusOf } from '../../../src/workbench/model/status.ts';
import type { Task } from '../../../src/workbench/model/Task.ts';
import type { Workbench } from '../../../src/workbench/model/Workbench.ts';
import { viewOf } from '../../../src/workbench/model/WorkbenchView.ts';
import { anEndedTask, aProfile, aTask, aWorkbench, someProfiles } from '../../support/records.ts';

const GRACE = 30_000;
const LAUNCHED = 1_000_000;
const soon = { now: LAUNCHED + GRACE - 1, visibilityGraceMs: GRACE };
const late = { now: LAUNCHED + GRACE, visibilityGraceMs: GRACE };

const refused = { generation: 1, refused: true } as const;
const outOfRoom = { code: 'NoCapacity', message: 'No room' } as const;

describe('the status', () => {
  test.each<[string, Partial<Workbench>, Task | undefined, string]>([
    ['never started', { run: 0, outcome: undefined }, undefined, 'stopped'],
    ['meant to start, no answer yet', { run: 1, outcome: undefined }, undefined, 'starting'],
    ['meant to start again, no answer yet', { run: 2 }, anEndedTask(), 'starting'],
    ['meant to start again, while the last task goes down', { run: 2 }, aTask({ status: 'stopping' }), 'starting'],
    ['refused', { outcome: refused }, undefined, 'stopped'],
    ['its task shown', {}, aTask({ status: 'provisioning' }), 'provisioning'],
    ['its task pending', {}, aTask({ status: 'pending' }), 'pending'],
    ['its task activating', {}, aTask({ status: 'activating' }), 'activating'],
    ['its task running', {}, aTask(), 'running'],
    ['its task running, and told to stop', {}, aTask({ toStop: true }), 'running'],
    ['its task deactivating', {}, aTask({ status: 'deactivating', toStop: true }), 'deactivating'],
    ['its task stopping', {}, aTask({ status: 'stopping', toStop: true }), 'stopping'],
    ['its task deprovisioning', {}, aTask({ status: 'deprovisioning', toStop: true }), 'deprovisioning'],
    ['its task in a state that ECS has not had so far', {}, aTask({ status: 'hibernating' }), 'hibernating'],
    ['its task ended', {}, anEndedTask(), 'stopped'],
    ['its task deleted', {}, anEndedTask({ status: 'deleted' }), 'stopped'],
    ['destroy requested, its task running', { destroy: { step: 'requested' } }, aTask(), 'destroying'],
    [
      'destroy requested, nothing there',
      { run: 0, outcome: undefined, destroy: { step: 'requested' } },
      undefined,
      'destroying',
    ],
    ['purged', { destroy: { step: 'purged', generation: 1 } }, undefined, 'destroying'],
  ])('of a workbench with %s', (_condition, changes, task, status) => {
    expect(statusOf(aWorkbench(changes), task, late)).toBe(status);
  });

  test('of a workbench whose task ECS does not show, within the grace, is starting and not stopped', () => {
    expect(statusOf(aWorkbench(), undefined, soon)).toBe('starting');
  });

  test('of a workbench whose record tells of a launch to come, its task not shown, is stopped', () => {
    const to = { generation: 1, taskId: 't1', launchedAt: late.now + GRACE };
    expect(statusOf(aWorkbench({ outcome: to }), undefined, late)).toBe('stopped');
    // Clocks differ.
    expect(statusOf(aWorkbench({ outcome: { ...to, launchedAt: to.launchedAt - 1 } }), undefined, late)).toBe(
      'starting',
    );
  });

  test('of a workbench whose task ECS does not show, after the grace, is stopped', () => {
    expect(statusOf(aWorkbench(), undefined, late)).toBe('stopped');
  });
});

const profiles = someProfiles(aProfile());

describe('the view', () => {
  test('of a running workbench has the address of its task', () => {
    expect(viewOf(aWorkbench(), aTask(), profiles, late)).toMatchObject({
      status: 'running',
      address: { host: '10.0.0.7', port: 3000 },
      stoppedReason: undefined,
    });
  });

  test.each(['pending', 'stopping'])('of a workbench whose task is %s has no address yet, or no more', (status) => {
    expect(viewOf(aWorkbench(), aTask({ status }), profiles, late).address).toBeUndefined();
  });

  test('of a workbench whose task ended by itself says why', () => {
    expect(viewOf(aWorkbench(), anEndedTask(), profiles, late).stoppedReason).toMatchObject({ code: 'Exited' });
  });

  test('of a workbench refused by ECS says why, from the record', () => {
    const workbench = aWorkbench({ outcome: refused, stopped: { generation: 1, reason: outOfRoom } });
    expect(viewOf(workbench, undefined, profiles, late).stoppedReason).toEqual(outOfRoom);
  });

  test('of a workbench whose task ECS has forgotten says why, from the record', () => {
    const workbench = aWorkbench({ stopped: { generation: 1, reason: outOfRoom } });
    expect(viewOf(workbench, undefined, profiles, late).stoppedReason).toEqual(outOfRoom);
  });

  test('does not say why an earlier generation ended', () => {
    const workbench = aWorkbench({
      run: 2,
      outcome: { generation: 2, taskId: 't2', launchedAt: LAUNCHED },
      stopped: { generation: 1, reason: outOfRoom },
    });
    expect(viewOf(workbench, undefined, profiles, late).stoppedReason).toBeUndefined();
  });

  test.each<[string, Partial<Workbench>, Task | undefined]>([
    ['running', {}, aTask()],
    ['starting', { run: 2 }, undefined],
    ['destroying', { destroy: { step: 'requested' } }, anEndedTask()],
  ])('of a workbench that is %s has no reason, whatever the record holds', (status, changes, task) => {
    const workbench = aWorkbench({ stopped: { generation: changes.run ?? 1, reason: outOfRoom }, ...changes });
    expect(viewOf(workbench, task, profiles, late)).toMatchObject({ status, stoppedReason: undefined });
  });
});
