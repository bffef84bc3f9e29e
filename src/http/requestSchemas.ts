import type { Request, Response } from 'express';
import { z } from 'zod';
import { type Fault, InputError } from '../lib/errors.ts';
import { isNameLength, isPrintable, isUserId } from '../workbench/model/userText.ts';
import { actingUser } from './actingUser.ts';
import { identityOf } from './authenticate.ts';

const printableAscii = (most: number) => new RegExp(`^[\\x20-\\x7e]{1,${most}}$`);

const wholeNumber = (of: string) =>
  z.int(`must be a whole number of ${of}`).positive(`must be a whole number of ${of}`);

const createBody = z.strictObject({
  workbench_name: z
    .string('must be a string')
    .refine(isNameLength, 'must have 1 to 64 characters')
    .refine((name) => name.length === 0 || isPrintable(name), 'must be printable text')
    .optional(),
  requested_cpu: wholeNumber('CPU units').optional(),
  requested_memory: wholeNumber('MiB').optional(),
});
const noBody = z.strictObject({});

export type CreateBody = z.infer<typeof createBody>;

/** The user that a request acts for. @throws InputError, NotAllowedError */
export function readUser(request: Request, response: Response): string {
  return checked(userFaults(request, response), () => userOf(request, response));
}

/** For calls that take no body: an empty object will do. @throws InputError naming every fault, NotAllowedError */
export function readCommand(request: Request, response: Response): string {
  const body = noBody.safeParse(request.body ?? {});
  return checked([...userFaults(request, response), ...bodyFaults(body)], () => userOf(request, response));
}

/** @throws InputError naming every fault, NotAllowedError */
export function readCreate(
  request: Request,
  response: Response,
): Readonly<{ userId: string; body: CreateBody; idempotencyKey: string | undefined }> {
  const body = createBody.safeParse(request.body ?? {});
  const key = request.get('idempotency-key');
  const keyFault: Fault[] =
    key === undefined || printableAscii(255).test(key)
      ? []
      : [{ field: 'Idempotency-Key', message: 'must be 1 to 255 printable ASCII characters' }];
  return checked([...userFaults(request, response), ...bodyFaults(body), ...keyFault], () => ({
    userId: userOf(request, response),
    body: body.data ?? {},
    idempotencyKey: key,
  }));
}

/** @throws InputError if there are faults */
export function checked<T>(faults: readonly Fault[], read: () => T): T {
  if (faults.length > 0) throw new InputError(faults);
  return read();
}

export function userOf(request: Request, response: Response): string {
  const given = request.query['user_id'];
  return actingUser(identityOf(response), typeof given === 'string' ? given : undefined) ?? '';
}

export function userFaults(request: Request, response: Response): readonly Fault[] {
  const given = request.query['user_id'];
  const field = 'user_id';
  if (given === undefined) {
    return identityOf(response).userId ? [] : [{ field, message: 'is missing: add ?user_id=… to the URL' }];
  }
  if (typeof given !== 'string') return [{ field, message: 'must be given once' }];
  return isUserId(given) ? [] : [{ field, message: 'must be 1 to 128 printable ASCII characters' }];
}

export function bodyFaults(parsed: z.ZodSafeParseResult<unknown>): readonly Fault[] {
  return (parsed.error?.issues ?? []).flatMap((issue): readonly Fault[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ field: key.slice(0, 100), message: 'is not a field of this call' }));
    }
    const field = issue.path.join('.') || 'body';
    return [{ field, message: field === 'body' ? 'must be a JSON object' : issue.message }];
  });
}
