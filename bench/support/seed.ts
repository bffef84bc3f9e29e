import { changeTags, draftTags } from '../../src/aws/recordTags.ts';
import type { Tags } from '../../src/aws/tagText.ts';
import { CONTAINER_NAME, familyOf } from '../../src/aws/taskDefinition.ts';
import type { Outcome } from '../../src/workbench/model/Workbench.ts';
import type { AwsHttp } from './awsHttp.ts';
import type { CloudFacts } from './CloudFacts.ts';

const STACK = 'workbench';
const PARALLEL = 16;
const DAY_MS = 24 * 60 * 60_000;

export type Seeded = { readonly id: string; readonly userId: string; taskId: string; generation: number };

/** A workbench to be made; one that doesn't run was stopped so long ago that ECS has forgotten its task. */
export type Wish = Readonly<{ userId: string; running: boolean }>;

/** Makes workbenches by the calls that a controller makes. */
export class Seeder {
  readonly #aws: AwsHttp;
  readonly #cloud: CloudFacts;
  #made = 0;

  constructor(aws: AwsHttp, cloud: CloudFacts) {
    this.#aws = aws;
    this.#cloud = cloud;
  }

  async seed(wishes: readonly Wish[]): Promise<readonly Seeded[]> {
    const seeded: Seeded[] = [];
    let next = 0;
    const work = async (): Promise<void> => {
      for (let index = next++; index < wishes.length; index = next++) {
        const wish = wishes[index];
        if (wish) seeded[index] = await this.#make(wish);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, work));
    return seeded;
  }

  /** As another controller would start it. */
  async start(seeded: Seeded): Promise<void> {
    const { tasks } = await this.#aws.ecs<{ tasks: { taskArn: string }[] }>('RunTask', {
      cluster: this.#cloud.cluster,
      taskDefinition: familyOf(STACK, seeded.id),
      startedBy: STACK,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: this.#cloud.subnets } },
    });
    const taskId = tasks[0]?.taskArn.split('/').pop();
    if (!taskId) throw new Error('the local cloud started no task');
    seeded.taskId = taskId;
    seeded.generation += 1;
    const { generation } = seeded;
    const outcome: Outcome = { generation, taskId, launchedAt: Date.now() };
    await this.#aws.efs(`/resource-tags/fsap-${seeded.id}`, {
      Tags: asList(changeTags({ run: generation, outcome })),
    });
  }

  async stop({ taskId }: Seeded): Promise<void> {
    await this.#aws.ecs('StopTask', { cluster: this.#cloud.cluster, task: taskId, reason: 'bench' });
  }

  async #make({ userId, running }: Wish): Promise<Seeded> {
    this.#made += 1;
    const serial = this.#made;
    const taskId = serial.toString(16).padStart(32, '0');
    const createdAt = new Date(Date.now() - DAY_MS + serial);
    const draft = {
      userId,
      profile: undefined,
      name: `Analysis ${serial}`,
      size: { cpu: 1024, memory: 2048 },
      createdAt,
      request: undefined,
    };
    const past: Outcome = { generation: 1, taskId, launchedAt: createdAt.getTime() };
    const { AccessPointId } = await this.#aws.efs<{ AccessPointId: string }>('/access-points', {
      ClientToken: `bench-${serial}`,
      FileSystemId: this.#cloud.fileSystemId,
      PosixUser: { Uid: 1000, Gid: 1000 },
      RootDirectory: {
        Path: `/${STACK}/bench-${serial}`,
        CreationInfo: { OwnerUid: 1000, OwnerGid: 1000, Permissions: '0750' },
      },
      Tags: asList({ ...draftTags(STACK, draft), ...changeTags({ outcome: past }) }),
    });
    const seeded = { id: AccessPointId.slice('fsap-'.length), userId, taskId, generation: 1 };
    if (running) {
      await this.#register(seeded.id, AccessPointId);
      await this.start(seeded);
    }
    return seeded;
  }

  async #register(id: string, accessPointId: string): Promise<void> {
    await this.#aws.ecs('RegisterTaskDefinition', {
      family: familyOf(STACK, id),
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '1024',
      memory: '2048',
      volumes: [
        {
          name: 'workspace',
          efsVolumeConfiguration: {
            fileSystemId: this.#cloud.fileSystemId,
            transitEncryption: 'ENABLED',
            authorizationConfig: { accessPointId, iam: 'DISABLED' },
          },
        },
      ],
      containerDefinitions: [
        {
          name: CONTAINER_NAME,
          image: 'bench',
          essential: true,
          mountPoints: [{ sourceVolume: 'workspace', containerPath: '/efs', readOnly: false }],
          portMappings: [{ containerPort: 3000, protocol: 'tcp' }],
        },
      ],
    });
  }
}

function asList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
