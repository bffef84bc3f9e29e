import { createHash } from 'node:crypto';
import type { Operations } from '../operation.ts';
import type { EfsState } from './EfsState.ts';
import { accessPointNotFound, fileSystemNotFound, mountTargetNotFound } from './notFound.ts';
import { pageOf } from './pageToken.ts';
import { parse } from './parseRequest.ts';
import { describeMountTargetsRequest } from './requests.ts';

type MountTarget = Readonly<{ MountTargetId: string; FileSystemId: string }>;

/** DescribeMountTargets: every file system has one in each subnet of the local network. */
export function mountTargetOperations(state: EfsState): Operations {
  return {
    DescribeMountTargets: (input) => {
      const request = parse(describeMountTargetsRequest, input);
      const { Marker } = request;
      const { page, token } = pageOf('mount-targets', find(state, request), Marker, request.MaxItems);
      return {
        ...(Marker === undefined ? {} : { Marker }),
        MountTargets: page,
        ...(token === undefined ? {} : { NextMarker: token }),
      };
    },
  };
}

type Filter = Readonly<{
  FileSystemId?: string | undefined;
  AccessPointId?: string | undefined;
  MountTargetId?: string | undefined;
}>;

function find(state: EfsState, { FileSystemId, AccessPointId, MountTargetId }: Filter): readonly MountTarget[] {
  if (MountTargetId !== undefined) {
    const all = [...state.fileSystems.values()].flatMap(({ id }) => mountTargetsOf(state, id));
    const found = all.filter((mountTarget) => mountTarget.MountTargetId === MountTargetId);
    if (found.length === 0) throw mountTargetNotFound(MountTargetId);
    return found;
  }
  if (AccessPointId !== undefined) {
    const accessPoint = state.accessPoints.get(AccessPointId);
    if (accessPoint === undefined) throw accessPointNotFound(AccessPointId);
    return mountTargetsOf(state, accessPoint.fileSystemId);
  }
  const fileSystemId = FileSystemId ?? '';
  if (state.fileSystems.get(fileSystemId) === undefined) throw fileSystemNotFound(fileSystemId);
  return mountTargetsOf(state, fileSystemId);
}

function mountTargetsOf(state: EfsState, fileSystemId: string): readonly MountTarget[] {
  return state.network.subnets.map(({ id, zoneName, zoneId }) => {
    // Made of what they belong to, ids need not be kept to stay the same.
    const hash = createHash('sha256').update(`${fileSystemId} ${id}`).digest('hex').slice(0, 17);
    return {
      OwnerId: state.accountId,
      MountTargetId: `fsmt-${hash}`,
      FileSystemId: fileSystemId,
      SubnetId: id,
      LifeCycleState: 'available',
      IpAddress: '127.0.0.1',
      NetworkInterfaceId: `eni-${hash}`,
      AvailabilityZoneId: zoneId,
      AvailabilityZoneName: zoneName,
      VpcId: state.network.vpcId,
    };
  });
}
