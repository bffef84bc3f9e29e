import type { IncomingHttpHeaders } from 'node:http';
import type { AwsError } from '../awsError.ts';

export const serviceNames = ['ecs', 'efs', 'logs'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** A request as it came over the wire, body read. */
export type WireRequest = Readonly<{
  method: string;
  /** Still percent-encoded. */
  path: string;
  query: string;
  headers: IncomingHttpHeaders;
  body: string;
}>;

export type WireAnswer = Readonly<{
  status: number;
  body: string;
  contentType: string | undefined;
  /** The header `x-amzn-errortype`: the JavaScript SDK knows EFS's errors by nothing else. */
  errorType?: string;
}>;

/** How a service's calls look on the wire. */
export type Protocol = Readonly<{
  service: ServiceName;
  /** Whether a request is this service's, known operation or not. */
  owns(request: Omit<WireRequest, 'body'>): boolean;
  /** The operation's name, or undefined if there is none such. */
  operationOf(request: Omit<WireRequest, 'body'>): string | undefined;
  /** @throws AwsError SerializationException */
  inputOf(request: WireRequest, operation: string): Readonly<Record<string, unknown>>;
  answer(operation: string, output: object): WireAnswer;
  refusal(error: AwsError): WireAnswer;
}>;

/** Operations of several services: where a call is named these need their service before them, `ecs:TagResource`. */
const sharedNames: ReadonlySet<string> = new Set(['TagResource', 'UntagResource', 'ListTagsForResource']);

/** The name by which counters, hooks and rate limits know an operation. */
export function callName(service: ServiceName, operation: string): string {
  return sharedNames.has(operation) ? `${service}:${operation}` : operation;
}
