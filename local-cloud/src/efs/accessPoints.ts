import { AwsError } from '../awsError.ts';
import type { Operations } from '../operation.ts';
import type { AccessPoint } from './AccessPoint.ts';
import type { EfsState } from './EfsState.ts';
import { accessPointNotFound, fileSystemNotFound } from './notFound.ts';
import { pageTokenOf, positionOf } from './pageToken.ts';
import { parse } from './parseRequest.ts';
import { createAccessPointRequest, deleteAccessPointRequest, describeAccessPointsRequest } from './requests.ts';

/** CreateAccessPoint, DescribeAccessPoints, DeleteAccessPoint. */
export function accessPointOperations(state: EfsState): Operations {
  const { accessPoints, fileSystems, folders } = state;

  return {
    CreateAccessPoint: (input) => {
      const request = parse(createAccessPointRequest, input);
      if (fileSystems.get(request.FileSystemId) === undefined) throw fileSystemNotFound(request.FileSystemId);
      // Not a replay, even of an equal request: AWS refuses, and the caller adopts what there is.
      const existing = accessPoints.withClientToken(request.ClientToken);
      if (existing !== undefined) {
        const message = `Access point already exists with creation token ${request.ClientToken}`;
        throw new AwsError('AccessPointAlreadyExists', message, 409, { AccessPointId: existing.id });
      }
      if (accessPoints.count(request.FileSystemId) >= state.accessPointQuota) {
        const message = `You have reached the maximum number of access points (${state.accessPointQuota})`;
        throw new AwsError('AccessPointLimitExceeded', message, 403);
      }
      const created = accessPoints.add({
        id: `fsap-0${state.randomHex(8)}`,
        fileSystemId: request.FileSystemId,
        clientToken: request.ClientToken,
        posixUser: request.PosixUser,
        rootDirectory: request.RootDirectory,
        tags: request.Tags,
      });
      return describe(state, created, state.timing.current.provisioningMs > 0 ? 'creating' : 'available');
    },

    DescribeAccessPoints: (input) => {
      const request = parse(describeAccessPointsRequest, input);
      if (request.AccessPointId !== undefined) {
        const accessPoint = accessPoints.get(request.AccessPointId);
        if (accessPoint === undefined) throw accessPointNotFound(request.AccessPointId);
        return { AccessPoints: [describe(state, accessPoint)] };
      }
      const { FileSystemId } = request;
      if (FileSystemId !== undefined && fileSystems.get(FileSystemId) === undefined) {
        throw fileSystemNotFound(FileSystemId);
      }
      const list = FileSystemId ?? 'all';
      const after = positionOf(list, request.NextToken);
      const { page, more } = accessPoints.page(FileSystemId, after, request.MaxResults);
      const last = page.at(-1);
      return {
        AccessPoints: page.map((accessPoint) => describe(state, accessPoint)),
        ...(more && last !== undefined ? { NextToken: pageTokenOf(list, last.sequence) } : {}),
      };
    },

    DeleteAccessPoint: (input) => {
      const { AccessPointId } = parse(deleteAccessPointRequest, input);
      const accessPoint = accessPoints.get(AccessPointId);
      if (accessPoint === undefined) throw accessPointNotFound(AccessPointId);
      accessPoints.remove(accessPoint);
      state.lifeCycleStates.delete(AccessPointId);
      const { fileSystemId, rootDirectory } = accessPoint;
      if (!accessPoints.uses(fileSystemId, rootDirectory.Path)) folders.removeIfEmpty(fileSystemId, rootDirectory.Path);
      return {};
    },
  };
}

/** Every member that AWS returns. */
function describe(
  state: EfsState,
  accessPoint: AccessPoint,
  lifeCycleState = state.lifeCycleStates.get(accessPoint.id) ?? 'available',
): object {
  const name = accessPoint.tags.find((tag) => tag.Key === 'Name')?.Value;
  return {
    ClientToken: accessPoint.clientToken,
    ...(name === undefined ? {} : { Name: name }),
    Tags: accessPoint.tags,
    AccessPointId: accessPoint.id,
    AccessPointArn: `${state.arnPrefix}:access-point/${accessPoint.id}`,
    FileSystemId: accessPoint.fileSystemId,
    ...(accessPoint.posixUser === undefined ? {} : { PosixUser: accessPoint.posixUser }),
    RootDirectory: accessPoint.rootDirectory,
    OwnerId: state.accountId,
    LifeCycleState: lifeCycleState,
  };
}
