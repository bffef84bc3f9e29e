import { parseJsonObject } from './parseJsonObject.ts';
import type { Protocol, WireRequest } from './protocol.ts';

const targetPrefix = 'AmazonEC2ContainerServiceV20141113.';
const contentType = 'application/x-amz-json-1.1';

/** JSON 1.1: everything is POST /, the operation stands in a header. */
export function ecsProtocol(operations: ReadonlySet<string>): Protocol {
  return {
    service: 'ecs',
    owns: (request) => request.path === '/' && request.method === 'POST',
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

function targetOf(request: Omit<WireRequest, 'body'>): string {
  const header = request.headers['x-amz-target'];
  return typeof header === 'string' ? header : '';
}
