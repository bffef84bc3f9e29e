import { describe, expect, test } from '@jest/globals';
import type { ContainerSpec } from '../../src/runtime/ContainerRuntime.ts';
import { dockerContainerOptions } from '../../src/runtime/dockerContainerOptions.ts';

const storage = { source: '/data/efs/a', containerPath: '/efs', readOnly: false };

function optionsOf(members: Partial<ContainerSpec> = {}, cpus = 8) {
  const spec: ContainerSpec = {
    taskId: 'task1',
    family: 'wb-1',
    name: 'workbench',
    image: 'busybox:1',
    entryPoint: ['sh', '-c'],
    command: ['true'],
    environment: { WORKBENCH_STORAGE: '/efs', WORKSPACE_PATH: '/home/project' },
    mounts: [storage],
    user: { uid: 1000, gid: 100 },
    containerPorts: [3000],
    cpu: 1024,
    memoryMiB: 2048,
    stopTimeoutSeconds: 30,
    healthCheck: undefined,
    ...members,
  };
  return dockerContainerOptions(spec, '/data/runtime', cpus);
}

describe('a task as a container', () => {
  test('shows its storage a second time as its workspace, so that nobody needs to make a link', () => {
    const targets = optionsOf().HostConfig?.Mounts?.map(({ Source, Target }) => [Source, Target]);
    expect(targets).toEqual([
      ['/data/efs/a', '/efs'],
      ['/data/efs/a', '/home/project'],
    ]);
  });

  test.each([
    ['is the storage', { WORKBENCH_STORAGE: '/efs', WORKSPACE_PATH: '/efs' }],
    ['is not said', { WORKBENCH_STORAGE: '/efs' }],
    ['belongs to no mount', { WORKSPACE_PATH: '/home/project' }],
  ])('mounts once where the workspace %s', (_name, environment: Record<string, string>) => {
    expect(optionsOf({ environment }).HostConfig?.Mounts).toHaveLength(1);
  });

  test('asks for no more processors than there are, which engines refuse', () => {
    expect(optionsOf({ cpu: 16_384 }, 2).HostConfig?.NanoCpus).toBe(2e9);
    expect(optionsOf({ cpu: 256 }, 2).HostConfig?.NanoCpus).toBe(2.5e8);
  });

  test('without a size has no limits, and without commands of its own has the image’s', () => {
    const options = optionsOf({ cpu: 0, memoryMiB: 0, entryPoint: [], command: [] });
    expect(options.HostConfig).not.toHaveProperty('Memory');
    expect(options.HostConfig).not.toHaveProperty('NanoCpus');
    expect(options).not.toHaveProperty('Entrypoint');
    expect(options).not.toHaveProperty('Cmd');
  });

  test('publishes on loopback and carries whose it is', () => {
    const { HostConfig, Labels, name } = optionsOf();
    expect(HostConfig?.PortBindings).toEqual({ '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] });
    expect(Labels).toMatchObject({ 'workbench.local-cloud.dir': '/data/runtime' });
    expect(name).toBe('wb-1-task1');
  });
});
