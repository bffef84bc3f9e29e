import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeTasksCommand, ECSClient, RegisterTaskDefinitionCommand, RunTaskCommand } from '@aws-sdk/client-ecs';
import { CreateAccessPointCommand, EFSClient } from '@aws-sdk/client-efs';
import type { CloudFacts } from '../support/CloudFacts.ts';
import { answerParent } from '../support/ipc.ts';

/** The shortest script that brings a workbench up: what a person would write who needs one and nothing else. */

export type RawPlan = Readonly<{ facts: CloudFacts; pollEveryMs: number }>;

let clients: Readonly<{ ecs: ECSClient; efs: EFSClient }> | undefined;

/** @returns milliseconds until RUNNING */
async function create({ facts, pollEveryMs }: RawPlan): Promise<number> {
  const settings = {
    endpoint: facts.url,
    region: facts.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  clients ??= { ecs: new ECSClient(settings), efs: new EFSClient(settings) };
  const { ecs, efs } = clients;
  const { cluster, fileSystemId } = facts;

  const startedAt = performance.now();
  const name = `raw-${randomUUID()}`;
  const { AccessPointId } = await efs.send(
    new CreateAccessPointCommand({
      ClientToken: name,
      FileSystemId: fileSystemId,
      PosixUser: { Uid: 1000, Gid: 1000 },
      RootDirectory: { Path: `/${name}`, CreationInfo: { OwnerUid: 1000, OwnerGid: 1000, Permissions: '0750' } },
    }),
  );
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: name,
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '1024',
      memory: '2048',
      volumes: [
        {
          name: 'workspace',
          efsVolumeConfiguration: {
            fileSystemId,
            transitEncryption: 'ENABLED',
            authorizationConfig: { accessPointId: AccessPointId, iam: 'DISABLED' },
          },
        },
      ],
      containerDefinitions: [
        {
          name: 'workbench',
          image: 'bench',
          essential: true,
          mountPoints: [{ sourceVolume: 'workspace', containerPath: '/efs' }],
          portMappings: [{ containerPort: 3000 }],
        },
      ],
    }),
  );
  const { tasks } = await ecs.send(
    new RunTaskCommand({
      cluster,
      taskDefinition: taskDefinition?.taskDefinitionArn,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: [...facts.subnets] } },
    }),
  );
  const task = tasks?.[0]?.taskArn ?? '';
  for (;;) {
    await delay(pollEveryMs);
    const { tasks: shown } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [task] }));
    if (shown?.[0]?.lastStatus === 'RUNNING') return performance.now() - startedAt;
  }
}

answerParent({ create });
