import type { z } from 'zod';
import type { ErrorCode } from '../../lib/ErrorCode.ts';
import { type Answer, type Call, type EventSchemas, failuresOfAny, failuresOfTokens } from '../schemas/Call.ts';
import { calls } from './calls.ts';
import { componentSchemas, schemaOf } from './components.ts';
import { failureResponses } from './failureResponses.ts';
import { headersOf } from './headers.ts';

const introduction = `Workbenches: a web IDE each, in a task of its own, with files that stay.

Create one, wait until its status is \`running\` (\`wait\`, or \`/events\`), ask \`/open\` for a URL, and send the browser there. Every success is \`{"success": true, …}\`, every failure
\`{"success": false, "error": {"code", "message", "request_id", "details"?}}\`. A 503 may be repeated after \`Retry-After\` seconds.`;

const bearer = {
  type: 'http',
  scheme: 'bearer',
  description:
    'Whichever the controller is configured for: its static key, a JWT signed with its key (HS256, with `exp`), or an access token of its OIDC provider.',
};

/**
 * The API as OpenAPI 3.1, made of what validates it.
 * @param root the path of the API on its host, as browsers see it
 */
export function createDescription({ root, authenticated }: Readonly<{ root: string; authenticated: boolean }>): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const call of calls) {
    paths[call.path] = { ...paths[call.path], [call.method]: operationOf(call) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Workbench Controller',
      version: '1',
      description: introduction,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: root || '/' }],
    security: authenticated ? [{ bearer: [] }] : [{}],
    paths,
    components: { schemas: componentSchemas(), securitySchemes: { bearer } },
  };
}

function operationOf(call: Call): object {
  const { name, summary, description, open, path, input, answers } = call;
  const tag = path.startsWith('/workbenches') || path === '/limits' ? 'Workbenches' : 'Controller';
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => pathParameter(parameter)),
    ...parametersOf('query', input?.query),
    ...parametersOf('header', input?.headers),
  ];
  return {
    operationId: name,
    summary,
    ...(description ? { description } : {}),
    tags: [tag],
    ...(open ? { security: [{}] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(input?.body ? { requestBody: { content: { 'application/json': { schema: schemaOf(input.body) } } } } : {}),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, responseOf(answer)])),
      ...failureResponses(codesOf(call)),
    },
  };
}

/** Every code that a call may fail with. */
export function codesOf({ open, failures }: Call): readonly ErrorCode[] {
  return [...failuresOfAny, ...(open ? [] : failuresOfTokens), ...failures];
}

function pathParameter(name: string): object {
  return {
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: '^[0-9a-f]{8,40}$' },
    example: '0a1b2c3d4e5f60718',
  };
}

function parametersOf(place: 'query' | 'header', schemas: z.ZodObject | undefined): readonly object[] {
  return Object.entries(schemas?.shape ?? {}).map(([name, schema]) => {
    const { description, ...rest } = schemaOf(schema as z.ZodType) as { description?: string; type?: string };
    const list = rest.type === 'array' ? { style: 'form', explode: false } : {};
    return { name, in: place, ...(description ? { description } : {}), ...list, schema: rest };
  });
}

/** OpenAPI 3.1 has no words for events: this is where generators and readers find what their data are. */
function dataOf(events: EventSchemas): object {
  return { 'x-events': Object.fromEntries(Object.entries(events).map(([name, schema]) => [name, schemaOf(schema)])) };
}

function responseOf({ description, body, headers = [] }: Answer): object {
  const { schema, example, type = 'application/json', events } = body ?? {};
  return {
    description,
    headers: headersOf(['X-Request-Id', ...headers]),
    ...(schema
      ? {
          content: {
            [type]: {
              schema: { ...schemaOf(schema), ...(events ? dataOf(events) : {}) },
              ...(example === undefined ? {} : { example }),
            },
          },
        }
      : {}),
  };
}
