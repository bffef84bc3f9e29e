import { parseJsonObject } from './parseJsonObject.ts';
import type { Protocol, ServiceName, WireRequest } from './protocol.ts';

const contentType = 'application/x-amz-json-1.1';

/** JSON 1.1: everything is POST /, the operation stands in a header. */
function jsonProtocol(
  service: ServiceName,
  targetPrefix: string,
  operations: ReadonlySet<string>,
): Omit<Protocol, 'owns'> {
  return {
    service,
    operationOf: (request) => {
      const target = targetOf(request);
      if (!target.startsWith(targetPrefix)) return undefined;
      const operation = target.slice(targetPrefix.length);
      return operations.has(operation) ? operation : undefined;
    },
    inputOf: (request) => parseJsonObject(request.body),
    answer: (_operation, output) => ({ status: 200, contentType, body: JSON.stringify(output) }),
    refusal: (error) => ({
      status: error.status,
      contentType,
      errorType: error.name,
      body: JSON.stringify({ __type: error.name, message: error.message, ...error.members }),
    }),
  };
}

/** Also of whatever no other service owns. */
export function ecsProtocol(operations: ReadonlySet<string>): Protocol {
  return { ...jsonProtocol('ecs', 'AmazonEC2ContainerServiceV20141113.', operations), owns: isCall };
}

const logsPrefix = 'Logs_20140328.';

export function logsProtocol(operations: ReadonlySet<string>): Protocol {
  const owns: Protocol['owns'] = (request) => isCall(request) && targetOf(request).startsWith(logsPrefix);
  return { ...jsonProtocol('logs', logsPrefix, operations), owns };
}

function isCall({ path, method }: Omit<WireRequest, 'body'>): boolean {
  return path === '/' && method === 'POST';
}

function targetOf(request: Omit<WireRequest, 'body'>): string {
  const header = request.headers['x-amz-target'];
  return typeof header === 'string' ? header : '';
}
