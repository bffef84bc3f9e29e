import { AwsError } from '../awsError.ts';
import type { ServiceName } from './protocol.ts';

/** Statuses that are not 400, from the service models and the errors common to all of AWS. */
const statuses: Readonly<Record<ServiceName, Readonly<Record<string, number>>>> = {
  ecs: { ServerException: 500, InternalFailure: 500, ServiceUnavailable: 503, ServiceUnavailableException: 503 },
  logs: { InternalFailure: 500, ServiceUnavailable: 503, ServiceUnavailableException: 500 },
  efs: {
    AccessDeniedException: 403,
    AccessPointAlreadyExists: 409,
    AccessPointLimitExceeded: 403,
    AccessPointNotFound: 404,
    FileSystemNotFound: 404,
    IncorrectFileSystemLifeCycleState: 409,
    InternalFailure: 500,
    InternalServerError: 500,
    MountTargetNotFound: 404,
    ServiceUnavailable: 503,
    ServiceUnavailableException: 503,
    ThrottlingException: 429,
  },
};

/** An error by name, with the status that the service sends it with. */
function serviceError(service: ServiceName, name: string, message: string): AwsError {
  return new AwsError(name, message, statuses[service][name] ?? 400);
}

const ownNames: Readonly<Record<ServiceName, string>> = {
  ecs: 'ServerException',
  efs: 'InternalServerError',
  logs: 'ServiceUnavailableException',
};

export function throttled(service: ServiceName): AwsError {
  return serviceError(service, 'ThrottlingException', 'Rate exceeded');
}

/** @param name of another error than the service's own for this */
export function internalError(service: ServiceName, name?: string): AwsError {
  return serviceError(service, name ?? ownNames[service], 'The service encountered an internal error');
}
