import {
  type AccessPointDescription,
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  DescribeAccessPointsCommand,
  type DescribeAccessPointsCommandOutput,
  type EFSClient,
  TagResourceCommand,
} from '@aws-sdk/client-efs';
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import { UnavailableError } from '../lib/errors.ts';
import type { Workbench } from '../workbench/model/Workbench.ts';
import type { Draft, WorkbenchChanges, Workbenches } from '../workbench/ports.ts';
import { callAws, isAwsError } from './awsErrors.ts';
import type { Clients } from './clients.ts';
import { inTheBackground, type Paces } from './createPaces.ts';
import { changeTags, draftTags, readRecord, tagKeys } from './recordTags.ts';
import type { Tags } from './tagText.ts';

const ID_PREFIX = 'fsap-';
const PAGE_SIZE = 1000;

export type AccessPointsConfig = Readonly<{
  stack: string;
  fileSystemId: string;
  posixUser: Readonly<{ uid: number; gid: number }>;
  /** A create whose turn is later than this is refused. Milliseconds. */
  turnWithinMs: number;
}>;

/** The workbenches as EFS keeps them: one access point each, with a folder of its own and the record in its tags. */
export class AccessPoints implements Workbenches {
  readonly #efs: EFSClient;
  /** For the calls that have a pace. */
  readonly #once: EFSClient;
  readonly #paces: Paces;
  readonly #config: AccessPointsConfig;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(clients: Clients, paces: Paces, config: AccessPointsConfig, clock: Clock, logger: Logger) {
    this.#efs = clients.efs;
    this.#once = clients.once.efs;
    this.#paces = paces;
    this.#config = config;
    this.#clock = clock;
    this.#logger = logger;
  }

  async create(draft: Draft, token: string): Promise<Workbench> {
    const { stack, fileSystemId, posixUser } = this.#config;
    const request = new CreateAccessPointCommand({
      ClientToken: token,
      FileSystemId: fileSystemId,
      PosixUser: { Uid: posixUser.uid, Gid: posixUser.gid },
      RootDirectory: {
        Path: `/${stack}/${token.slice(0, 32)}`,
        CreationInfo: { OwnerUid: posixUser.uid, OwnerGid: posixUser.gid, Permissions: '0750' },
      },
      Tags: toList(draftTags(stack, draft)),
    });
    const answer = await callAws<AccessPointDescription>(
      () => this.#inTurn(draft.userId, () => this.#once.send(request)),
      // Also the answer to a repeated call whose first answer was lost.
      (error) =>
        isAwsError(error, 'AccessPointAlreadyExists') && 'AccessPointId' in error
          ? { AccessPointId: String(error.AccessPointId) }
          : undefined,
    );
    const id = answer.AccessPointId?.slice(ID_PREFIX.length) ?? '';
    const workbench = answer.Tags ? this.#read(answer) : await this.find(id);
    if (!workbench) throw new UnavailableError('The workbench is not to be seen yet; try again in a moment');
    return workbench;
  }

  /** An access point whose task definition could not be registered in time would have been made for nothing. */
  async #inTurn<T>(user: string, call: () => Promise<T>): Promise<T> {
    const until = this.#clock.monotonic() + this.#config.turnWithinMs;
    const endExpecting = this.#paces.taskDefinitions.expect(until);
    try {
      return await this.#paces.createAccessPoint.send(call, { user, urgency: 'soon', until });
    } finally {
      endExpecting();
    }
  }

  async find(id: string): Promise<Workbench | undefined> {
    const answer = await callAws<Pick<DescribeAccessPointsCommandOutput, 'AccessPoints'>>(
      () => this.#efs.send(new DescribeAccessPointsCommand({ AccessPointId: ID_PREFIX + id })),
      (error) => (isAwsError(error, 'AccessPointNotFound') ? {} : undefined),
    );
    const [accessPoint] = answer.AccessPoints ?? [];
    return accessPoint && this.#read(accessPoint);
  }

  async *pages(): AsyncGenerator<readonly Workbench[]> {
    let NextToken: string | undefined;
    do {
      const request = {
        FileSystemId: this.#config.fileSystemId,
        MaxResults: PAGE_SIZE,
        ...(NextToken ? { NextToken } : {}),
      };
      const page = await callAws<DescribeAccessPointsCommandOutput>(() =>
        this.#efs.send(new DescribeAccessPointsCommand(request)),
      );
      yield (page.AccessPoints ?? []).flatMap((accessPoint) => this.#read(accessPoint) ?? []);
      NextToken = page.NextToken;
    } while (NextToken);
  }

  async write(id: string, changes: WorkbenchChanges): Promise<boolean> {
    const request = new TagResourceCommand({ ResourceId: ID_PREFIX + id, Tags: toList(changeTags(changes)) });
    return await callAws<boolean>(
      async () => {
        await this.#efs.send(request);
        return true;
      },
      (error) => (isAwsError(error, 'AccessPointNotFound') ? false : undefined),
    );
  }

  /** Whether there is such an access point: readable or not, of whichever stack. */
  async exists(id: string): Promise<boolean> {
    const request = new DescribeAccessPointsCommand({ AccessPointId: ID_PREFIX + id });
    return await callAws<boolean>(
      async () => {
        await this.#efs.send(request);
        return true;
      },
      (error) => (isAwsError(error, 'AccessPointNotFound') ? false : undefined),
    );
  }

  async remove(id: string): Promise<void> {
    const request = new DeleteAccessPointCommand({ AccessPointId: ID_PREFIX + id });
    await callAws<unknown>(
      () => this.#paces.deleteAccessPoint.send(() => this.#once.send(request), inTheBackground),
      (error) => (isAwsError(error, 'AccessPointNotFound') ? true : undefined),
    );
  }

  /** Another stack's access point is none of ours. */
  #read(accessPoint: AccessPointDescription): Workbench | undefined {
    const { AccessPointId = '', LifeCycleState = 'available', FileSystemId } = accessPoint;
    const tags: Tags = Object.fromEntries((accessPoint.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
    if (tags[tagKeys.stack] !== this.#config.stack || !sameFileSystem(FileSystemId, this.#config.fileSystemId)) {
      return undefined;
    }
    if (LifeCycleState === 'deleting' || LifeCycleState === 'deleted') return undefined;
    const workbench = readRecord(AccessPointId.slice(ID_PREFIX.length), LifeCycleState !== 'creating', tags);
    if (!workbench) this.#logger.error({ accessPoint: AccessPointId, tags }, 'the tags of an access point are broken');
    return workbench;
  }
}

/** A file system is configured by id or by ARN; EFS answers with its id. */
function sameFileSystem(shown: string | undefined, configured: string): boolean {
  return shown === undefined || configured === shown || configured.endsWith(`/${shown}`);
}

function toList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
