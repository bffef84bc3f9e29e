import { setTimeout as delay } from 'node:timers/promises';
import { AwsError } from '../awsError.ts';
import type { Logger } from '../Logger.ts';
import type { Operation, Operations } from '../operation.ts';
import type { TimingSettings } from '../TimingSettings.ts';
import type { CallCounter } from './CallCounter.ts';
import type { Faults } from './Faults.ts';
import type { FaultRule } from './faultRule.ts';
import { callName, type Protocol, type ServiceName, type WireAnswer, type WireRequest } from './protocol.ts';
import type { RateLimits } from './RateLimits.ts';
import { internalError, throttled } from './serviceErrors.ts';

/**
 * Awaited before an operation has its effect, and after it has had one but before it is answered.
 * @param call the operation's name, with its service before it where both have it: `ecs:TagResource`
 * @param caller the User-Agent, which tells clients apart: the SDKs put AWS_SDK_UA_APP_ID into it
 */
export type OnCall = (call: string, phase: 'before' | 'after', caller: string) => void | Promise<void>;

/** What becomes of a call: an answer, a socket that stays silent, or one that is torn down. */
export type Outcome = WireAnswer | 'timeout' | 'reset';

export type AwsCallsDependencies = Readonly<{
  services: Readonly<Record<ServiceName, Operations>>;
  timing: TimingSettings;
  faults: Faults;
  counter: CallCounter;
  rateLimits: RateLimits;
  onCall: OnCall | undefined;
  logger: Logger;
  /** Aborted when the cloud closes: calls still held up by the latency then have no effect. */
  closing: AbortSignal;
}>;

/** The way of every AWS call through the local cloud, whichever protocol brought it. */
export class AwsCalls {
  readonly #dependencies: AwsCallsDependencies;

  constructor(dependencies: AwsCallsDependencies) {
    this.#dependencies = dependencies;
  }

  async answer(protocol: Protocol, request: WireRequest): Promise<Outcome> {
    const { counter, services, timing, closing } = this.#dependencies;
    const { service } = protocol;
    const name = protocol.operationOf(request);
    const operation = name === undefined ? undefined : services[service][name];
    if (timing.current.latencyMs > 0) await delay(timing.current.latencyMs, undefined, { signal: closing });
    if (name === undefined || operation === undefined) {
      // Under one name for all: a counter that clients can grow at will is none.
      counter.count('Unknown', 'UnknownOperationException');
      return protocol.refusal(new AwsError('UnknownOperationException', 'The operation is not known to this endpoint'));
    }
    const call = callName(service, name);
    try {
      const outcome = await this.#perform(protocol, request, name, operation);
      counter.count(call, typeof outcome === 'string' ? outcome : 'ok');
      return outcome;
    } catch (error) {
      const refusal = error instanceof AwsError ? error : this.#unexpected(service, call, error);
      counter.count(call, refusal.name);
      return protocol.refusal(refusal);
    }
  }

  async #perform(protocol: Protocol, request: WireRequest, name: string, operation: Operation): Promise<Outcome> {
    const { faults, rateLimits, timing, onCall } = this.#dependencies;
    const { service } = protocol;
    const call = callName(service, name);
    const before = strike(service, faults.strike(service, name, 'before'));
    if (before !== undefined) return before;
    if (timing.current.rates === 'aws' && !rateLimits.admit(call)) throw throttled(service);
    const input = protocol.inputOf(request, name);
    const caller = String(request.headers['user-agent'] ?? '');
    if (onCall !== undefined) await onCall(call, 'before', caller);
    const output = await operation(input);
    if (onCall !== undefined) await onCall(call, 'after', caller);
    return strike(service, faults.strike(service, name, 'after')) ?? protocol.answer(name, output);
  }

  #unexpected(service: ServiceName, call: string, error: unknown): AwsError {
    this.#dependencies.logger.error({ err: error, call }, 'local cloud: call failed unexpectedly');
    return internalError(service);
  }
}

/** @throws AwsError if the fault is one that is answered */
function strike(service: ServiceName, rule: FaultRule | undefined): 'timeout' | 'reset' | undefined {
  switch (rule?.kind) {
    case 'throttle':
      throw throttled(service);
    case 'error':
      throw internalError(service, rule.code);
    default:
      return rule?.kind;
  }
}
