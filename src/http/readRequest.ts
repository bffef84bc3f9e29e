import type { Request, Response } from 'express';
import type { z } from 'zod';
import { type Fault, InputError, NotAllowedError } from '../lib/errors.ts';
import { actingUser } from './actingUser.ts';
import { identityOf } from './authenticate.ts';
import type { InputSchemas } from './schemas/Call.ts';

type Input<Schemas extends InputSchemas> = {
  readonly [Part in keyof Schemas]: Schemas[Part] extends z.ZodType ? z.infer<Schemas[Part]> : never;
};

/** What a request asks for, and the user that it acts for. @throws InputError naming every fault, NotAllowedError */
export function readRequest<Schemas extends InputSchemas>(
  request: Request,
  response: Response,
  schemas: Schemas,
): Input<Schemas> & Readonly<{ userId: string }> {
  const identity = identityOf(response);
  const unnamed = request.query['user_id'] === undefined && identity.userId === undefined;
  const missing = unnamed ? [{ field: 'user_id', message: 'is missing: add ?user_id=… to the URL' }] : [];
  const { input, faults } = parseParts(request, schemas);
  if (missing.length + faults.length > 0) throw new InputError([...missing, ...faults]);
  const { user_id: wanted } = input.query;
  const userId = actingUser(identity, typeof wanted === 'string' ? wanted : undefined) ?? '';
  return { ...input, userId };
}

/** As `readRequest`; or, with `all=true`, for all users or the one that is named. @throws NotAllowedError for others than operators */
export function readScope<Schemas extends InputSchemas>(
  request: Request,
  response: Response,
  schemas: Schemas,
): Input<Schemas> & (Readonly<{ all: false; userId: string }> | Readonly<{ all: true; userId: string | undefined }>) {
  if (request.query['all'] !== 'true') return { ...readRequest(request, response, schemas), all: false };
  const { input, faults } = parseParts(request, schemas);
  if (faults.length > 0) throw new InputError(faults);
  if (!identityOf(response).operator) {
    throw new NotAllowedError('Only operators may ask for the workbenches of all users; leave out all');
  }
  const { user_id: wanted } = input.query;
  return { ...input, all: true, userId: typeof wanted === 'string' ? wanted : undefined };
}

function parseParts<Schemas extends InputSchemas>(
  request: Request,
  schemas: Schemas,
): Readonly<{ input: Input<Schemas>; faults: readonly Fault[] }> {
  const named = Object.keys(schemas.headers?.shape ?? {});
  const query = schemas.query.safeParse(request.query);
  const body = schemas.body?.safeParse(request.body ?? {});
  const headers = schemas.headers?.safeParse(Object.fromEntries(named.map((name) => [name, request.get(name)])));
  return {
    input: { query: query.data, body: body?.data, headers: headers?.data } as Input<Schemas>,
    faults: [query, body, headers].flatMap((parsed) => (parsed?.error ? faultsOf(parsed.error) : [])),
  };
}

function faultsOf({ issues }: z.ZodError): readonly Fault[] {
  return issues.flatMap((issue): readonly Fault[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ field: key.slice(0, 100), message: 'is not a field of this call' }));
    }
    const field = issue.path.join('.') || 'body';
    return [{ field, message: field === 'body' ? 'must be a JSON object' : issue.message }];
  });
}
