import { AwsError } from '../awsError.ts';
import { parseJsonObject } from './parseJsonObject.ts';
import type { Protocol, WireRequest } from './protocol.ts';

const prefix = '/2015-02-01/';
const contentType = 'application/json';

/** An operation's HTTP binding as in the service model; what is bound to nothing else is in the body. */
type Binding = Readonly<{
  operation: string;
  method: string;
  resource: string;
  /** The member that is the path's last segment. */
  label?: string;
  query?: Readonly<Record<string, 'text' | 'number' | 'list'>>;
  status?: number;
}>;

const paging = { MaxResults: 'number', NextToken: 'text' } as const;
const marking = { MaxItems: 'number', Marker: 'text', FileSystemId: 'text' } as const;

export const efsBindings: readonly Binding[] = [
  { operation: 'CreateAccessPoint', method: 'POST', resource: 'access-points' },
  {
    operation: 'DescribeAccessPoints',
    method: 'GET',
    resource: 'access-points',
    query: { ...paging, AccessPointId: 'text', FileSystemId: 'text' },
  },
  { operation: 'DeleteAccessPoint', method: 'DELETE', resource: 'access-points', label: 'AccessPointId', status: 204 },
  { operation: 'TagResource', method: 'POST', resource: 'resource-tags', label: 'ResourceId' },
  {
    operation: 'UntagResource',
    method: 'DELETE',
    resource: 'resource-tags',
    label: 'ResourceId',
    query: { tagKeys: 'list' },
  },
  { operation: 'ListTagsForResource', method: 'GET', resource: 'resource-tags', label: 'ResourceId', query: paging },
  {
    operation: 'DescribeFileSystems',
    method: 'GET',
    resource: 'file-systems',
    query: { ...marking, CreationToken: 'text' },
  },
  {
    operation: 'DescribeMountTargets',
    method: 'GET',
    resource: 'mount-targets',
    query: { ...marking, MountTargetId: 'text', AccessPointId: 'text' },
  },
];

/** The one member whose name differs from its name in the query string. */
const memberNames: Readonly<Record<string, string>> = { tagKeys: 'TagKeys' };

/** REST-JSON: method and path name the operation. */
export function efsProtocol(operations: ReadonlySet<string>): Protocol {
  const bindings = efsBindings.filter((binding) => operations.has(binding.operation));
  const byOperation = new Map(bindings.map((binding) => [binding.operation, binding]));
  return {
    service: 'efs',
    owns: (request) => request.path.startsWith(prefix),
    operationOf: (request) => {
      const [resource, label, ...rest] = request.path.slice(prefix.length).split('/');
      if (rest.length > 0) return undefined;
      return bindings.find(
        (binding) =>
          binding.method === request.method &&
          binding.resource === resource &&
          (binding.label === undefined) === (label === undefined || label === ''),
      )?.operation;
    },
    inputOf: (request, operation) => {
      const binding = byOperation.get(operation);
      if (binding === undefined) return {};
      return {
        ...(request.method === 'POST' ? parseJsonObject(request.body) : {}),
        ...queryMembers(binding, request.query),
        ...labelMember(binding, request),
      };
    },
    answer: (operation, output) => {
      const status = byOperation.get(operation)?.status ?? 200;
      // 204 has no body, and with it no content type.
      if (status === 204) return { status, contentType: undefined, body: '' };
      return { status, contentType, body: JSON.stringify(output) };
    },
    refusal: (error) => ({
      status: error.status,
      contentType,
      errorType: error.name,
      body: JSON.stringify({ ErrorCode: error.name, Message: error.message, ...error.members }),
    }),
  };
}

function queryMembers(binding: Binding, query: string): Record<string, unknown> {
  const parameters = new URLSearchParams(query);
  const members: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(binding.query ?? {})) {
    const texts = parameters.getAll(name);
    const [first] = texts;
    if (first === undefined) continue;
    if (kind === 'number' && !/^-?\d{1,10}$/.test(first)) {
      throw new AwsError('SerializationException', `${name} is not an integer`);
    }
    members[memberNames[name] ?? name] = kind === 'list' ? texts : kind === 'number' ? Number(first) : first;
  }
  return members;
}

function labelMember(binding: Binding, request: WireRequest): Record<string, string> {
  if (binding.label === undefined) return {};
  const raw = request.path.slice(prefix.length + binding.resource.length + 1);
  try {
    return { [binding.label]: decodeURIComponent(raw) };
  } catch {
    throw new AwsError('SerializationException', `${binding.label} is not percent-encoded`);
  }
}
