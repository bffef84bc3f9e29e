import type { Operations } from '../operation.ts';
import type { FileSystem } from './AccessPoint.ts';
import type { EfsState } from './EfsState.ts';
import { fileSystemNotFound } from './notFound.ts';
import { pageOf } from './pageToken.ts';
import { parse } from './parseRequest.ts';
import { describeFileSystemsRequest } from './requests.ts';

/** DescribeFileSystems. */
export function fileSystemOperations(state: EfsState): Operations {
  return {
    DescribeFileSystems: (input) => {
      const request = parse(describeFileSystemsRequest, input);
      const { FileSystemId, CreationToken, Marker } = request;
      if (FileSystemId !== undefined && state.fileSystems.get(FileSystemId) === undefined) {
        throw fileSystemNotFound(FileSystemId);
      }
      const found = [...state.fileSystems.values()].filter(
        (fileSystem) =>
          (FileSystemId === undefined || fileSystem.id === FileSystemId) &&
          (CreationToken === undefined || fileSystem.creationToken === CreationToken),
      );
      const { page, token } = pageOf('file-systems', found, Marker, request.MaxItems);
      return {
        ...(Marker === undefined ? {} : { Marker }),
        FileSystems: page.map((fileSystem) => describe(state, fileSystem)),
        ...(token === undefined ? {} : { NextMarker: token }),
      };
    },
  };
}

function describe(state: EfsState, { id, creationToken, createdAt, tags }: FileSystem): object {
  const name = tags.find((tag) => tag.Key === 'Name')?.Value;
  return {
    OwnerId: state.accountId,
    CreationToken: creationToken,
    FileSystemId: id,
    FileSystemArn: `${state.arnPrefix}:file-system/${id}`,
    CreationTime: createdAt,
    LifeCycleState: 'available',
    ...(name === undefined ? {} : { Name: name }),
    NumberOfMountTargets: state.network.subnets.length,
    // What AWS reports for one that is empty. Adding up the real size would mean a walk through all files.
    SizeInBytes: { Value: 6144, Timestamp: createdAt, ValueInIA: 0, ValueInStandard: 6144, ValueInArchive: 0 },
    PerformanceMode: 'generalPurpose',
    Encrypted: false,
    ThroughputMode: 'bursting',
    Tags: tags,
    FileSystemProtection: { ReplicationOverwriteProtection: 'ENABLED' },
  };
}
