/** Every code that a failure may have, for programs; docs/errors.md says what each means and what to do. */
export const errorCodes = [
  // The API and, for what they share, the gateway
  'bad_request',
  'invalid_request',
  'unauthenticated',
  'invalid_token',
  'not_allowed',
  'not_found',
  'method_not_allowed',
  'request_timeout',
  'destroying',
  'stopping',
  'broken_record',
  'open_unavailable',
  'payload_too_large',
  'unsupported_media_type',
  'misdirected_request',
  'idempotency_key_reused',
  'too_many',
  'request_header_fields_too_large',
  'internal',
  'cloud_refused',
  'cloud_unavailable',
  'no_capacity',
  'service_unavailable',
  // Logging in at a provider
  'login_expired',
  'login_refused',
  'invalid_logout_token',
  'provider_refused',
  'provider_unavailable',
  // In place of a workbench
  'ticket_refused',
  'other_user',
  'workbench_stopped',
  'workbench_destroying',
  'workbench_going_down',
  'workbench_broke_off',
  'workbench_on_the_way',
  'shutting_down',
] as const;

export type ErrorCode = (typeof errorCodes)[number];
