import { AwsError } from '../awsError.ts';

export function accessPointNotFound(id: string): AwsError {
  return new AwsError('AccessPointNotFound', `Access point ${id} does not exist.`, 404);
}

export function fileSystemNotFound(id: string): AwsError {
  return new AwsError('FileSystemNotFound', `File system '${id}' does not exist.`, 404);
}

export function mountTargetNotFound(id: string): AwsError {
  return new AwsError('MountTargetNotFound', `Mount target '${id}' does not exist.`, 404);
}
