import { z } from 'zod';
import { type ErrorCode, errorCodes } from '../../lib/ErrorCode.ts';

/** The one table from error to status. */
export const statusOf: Readonly<Record<ErrorCode, number>> = {
  bad_request: 400,
  invalid_request: 400,
  invalid_logout_token: 400,
  logout_unavailable: 400,
  unauthenticated: 401,
  invalid_token: 401,
  login_expired: 401,
  login_refused: 401,
  not_allowed: 403,
  ticket_refused: 403,
  not_found: 404,
  no_logs: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  destroying: 409,
  stopping: 409,
  broken_record: 409,
  quota_exceeded: 409,
  profile_gone: 409,
  size_unavailable: 409,
  open_unavailable: 409,
  other_user: 409,
  workbench_stopped: 409,
  workbench_destroying: 409,
  workbench_going_down: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  misdirected_request: 421,
  idempotency_key_reused: 422,
  too_many: 429,
  request_header_fields_too_large: 431,
  internal: 500,
  cloud_refused: 502,
  provider_refused: 502,
  workbench_broke_off: 502,
  cloud_unavailable: 503,
  no_capacity: 503,
  provider_unavailable: 503,
  service_unavailable: 503,
  shutting_down: 503,
  workbench_on_the_way: 503,
};

const byStatus: Readonly<Partial<Record<number, ErrorCode>>> = {
  404: 'not_found',
  408: 'request_timeout',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  431: 'request_header_fields_too_large',
  503: 'service_unavailable',
};

/** Of what fails before a call is found that could say more. */
export function codeOf(status: number): ErrorCode {
  return byStatus[status] ?? 'bad_request';
}

const fault = z.strictObject({
  field: z.string().meta({ description: 'Where it is: a parameter, a header, or a field of the body' }),
  message: z.string(),
});

const quota = z
  .strictObject({
    limit: z.enum(['workbenches', 'running', 'all_running']),
    max: z.int(),
    used: z.int(),
    running: z.array(z.string()).readonly().meta({ description: 'Ids of those of the user’s workbenches that run' }),
  })
  .meta({ description: 'Of `quota_exceeded`: the limit that is reached' });

export const failure = z
  .strictObject({
    success: z.literal(false),
    error: z.strictObject({
      code: z.enum(errorCodes).meta({ description: 'For programs; it stays' }),
      message: z.string().meta({ description: 'For people: what went wrong and what to do' }),
      request_id: z.string().meta({ description: 'What the log knows the request by; also the header X-Request-Id' }),
      details: z
        .union([z.array(fault).readonly(), quota])
        .optional()
        .meta({ description: 'Each fault of the request, or the limit' }),
    }),
  })
  .meta({ description: 'Every failure, whatever its cause' });

export type FailureAnswer = z.infer<typeof failure>;
