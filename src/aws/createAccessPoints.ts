import { setImmediate } from 'node:timers/promises';
import {
  type AccessPointDescription,
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  DescribeAccessPointsCommand,
  type DescribeAccessPointsCommandOutput,
  TagResourceCommand,
} from '@aws-sdk/client-efs';
import type { Context } from '../lib/Context.ts';
import { UnavailableError } from '../lib/errors.ts';
import { createMark } from '../workbench/model/requestTokens.ts';
import type { Workbench } from '../workbench/model/Workbench.ts';
import type { Draft, Haste, Records, WorkbenchChanges } from '../workbench/ports.ts';
import { callAws, isAwsError } from './awsErrors.ts';
import type { Clients } from './clients.ts';
import { inTheBackground, type Paces } from './createPaces.ts';
import { changeTags, draftTags, readRecord, tagKeys } from './recordTags.ts';
import type { Tags } from './tagText.ts';

const ID_PREFIX = 'fsap-';
/** As many as EFS gives; and few, as to parse a thousand takes 20 ms and more, a hundred 2 ms, with everybody waiting. */
const PAGE_SIZES: Readonly<Record<Haste, number>> = { soon: 1_000, gently: 100 };

export type AccessPointsConfig = Readonly<{
  stack: string;
  fileSystemId: string;
  posixUser: Readonly<{ uid: number; gid: number }>;
}>;

/**
 * The workbenches as EFS keeps them: one access point each, with a folder of its own and the record in its tags.
 * @param turnWithinMs a create whose turn is later than this is refused
 */
export function createAccessPoints(
  { efs, once }: Clients,
  paces: Paces,
  turnWithinMs: number,
  { stack, fileSystemId, posixUser }: AccessPointsConfig,
  { clock, logger }: Context,
): Records {
  async function create(draft: Draft, token: string): Promise<Workbench> {
    const request = new CreateAccessPointCommand({
      ClientToken: token,
      FileSystemId: fileSystemId,
      PosixUser: { Uid: posixUser.uid, Gid: posixUser.gid },
      RootDirectory: {
        Path: `/${stack}/${createMark(token)}`,
        CreationInfo: { OwnerUid: posixUser.uid, OwnerGid: posixUser.gid, Permissions: '0750' },
      },
      Tags: toList(draftTags(stack, draft)),
    });
    const answer = await callAws<AccessPointDescription>(
      () => inTurn(draft.userId, () => once.efs.send(request)),
      // Also the answer to a repeated call whose first answer was lost.
      (error) =>
        isAwsError(error, 'AccessPointAlreadyExists') && 'AccessPointId' in error
          ? { AccessPointId: String(error.AccessPointId) }
          : undefined,
    );
    const id = answer.AccessPointId?.slice(ID_PREFIX.length) ?? '';
    const workbench = answer.Tags ? read(answer) : await find(id);
    if (!workbench) throw new UnavailableError('The workbench is not to be seen yet; try again in a moment');
    return workbench;
  }

  /** An access point whose task definition could not be registered in time would have been made for nothing. */
  async function inTurn<T>(user: string, call: () => Promise<T>): Promise<T> {
    const until = clock.monotonic() + turnWithinMs;
    const endExpecting = paces.taskDefinitions.expect(until);
    try {
      return await paces.createAccessPoint.send(call, { user, urgency: 'soon', until });
    } finally {
      endExpecting();
    }
  }

  async function find(id: string): Promise<Workbench | undefined> {
    const answer = await callAws<Pick<DescribeAccessPointsCommandOutput, 'AccessPoints'>>(
      () => efs.send(new DescribeAccessPointsCommand({ AccessPointId: ID_PREFIX + id })),
      (error) => (isAwsError(error, 'AccessPointNotFound') ? {} : undefined),
    );
    const [accessPoint] = answer.AccessPoints ?? [];
    return accessPoint && read(accessPoint);
  }

  async function* pages(haste: Haste): AsyncGenerator<readonly Workbench[]> {
    let NextToken: string | undefined;
    do {
      const request = { FileSystemId: fileSystemId, MaxResults: PAGE_SIZES[haste], NextToken };
      const page: DescribeAccessPointsCommandOutput = await callAws(() =>
        efs.send(new DescribeAccessPointsCommand(request)),
      );
      // Whoever has come meanwhile is served between parsing and reading.
      await setImmediate();
      yield (page.AccessPoints ?? []).flatMap((accessPoint) => read(accessPoint) ?? []);
      NextToken = page.NextToken;
    } while (NextToken);
  }

  /** @returns false: there is no such access point */
  async function done(call: () => Promise<unknown>): Promise<boolean> {
    return await callAws<boolean>(
      async () => {
        await call();
        return true;
      },
      (error) => (isAwsError(error, 'AccessPointNotFound') ? false : undefined),
    );
  }

  async function write(id: string, changes: WorkbenchChanges): Promise<boolean> {
    const request = new TagResourceCommand({ ResourceId: ID_PREFIX + id, Tags: toList(changeTags(changes, stack)) });
    return await done(() => efs.send(request));
  }

  async function remove(id: string): Promise<void> {
    const request = new DeleteAccessPointCommand({ AccessPointId: ID_PREFIX + id });
    await done(() => paces.deleteAccessPoint.send(() => once.efs.send(request), inTheBackground));
  }

  /** Another stack's access point is none of ours. */
  function read(accessPoint: AccessPointDescription): Workbench | undefined {
    const { AccessPointId = '', LifeCycleState = 'available', FileSystemId, RootDirectory } = accessPoint;
    const tags: Tags = Object.fromEntries((accessPoint.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
    if (tags[tagKeys.stack] !== stack || !sameFileSystem(FileSystemId, fileSystemId)) return undefined;
    if (LifeCycleState === 'deleting' || LifeCycleState === 'deleted') return undefined;
    const id = AccessPointId.slice(ID_PREFIX.length);
    const folder = RootDirectory?.Path?.split('/').pop();
    const workbench = readRecord(id, LifeCycleState !== 'creating', tags, folder);
    if (!workbench) logger.error({ accessPoint: AccessPointId, tags }, 'the tags of an access point are broken');
    return workbench;
  }

  /** Whether there is such an access point: readable or not, of whichever stack. */
  const exists = (id: string) =>
    done(() => efs.send(new DescribeAccessPointsCommand({ AccessPointId: ID_PREFIX + id })));

  return { create, find, pages, write, remove, exists };
}

/** A file system is configured by id or by ARN; EFS answers with its id. */
function sameFileSystem(shown: string | undefined, configured: string): boolean {
  return shown === undefined || configured === shown || configured.endsWith(`/${shown}`);
}

function toList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
