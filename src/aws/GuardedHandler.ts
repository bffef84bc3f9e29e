import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Context } from '../lib/Context.ts';

/** So many failures in a row are no accident: AWS is away. */
const FAILURES_TO_OPEN = 16;

/** A call that was not made, because AWS has not answered any for a while. Not one that the SDK repeats. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
}

/** Sends calls to AWS, but while AWS doesn't answer only one now and then: an outage is not multiplied. */
export class GuardedHandler extends NodeHttpHandler {
  readonly #context: Pick<Context, 'clock' | 'timings'>;
  #failures = 0;
  #nextProbeAt = 0;

  constructor(options: ConstructorParameters<typeof NodeHttpHandler>[0], context: Pick<Context, 'clock' | 'timings'>) {
    super(options);
    this.#context = context;
  }

  override async handle(...call: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    this.#admit();
    try {
      const answer = await super.handle(...call);
      this.#failures = answer.response.statusCode >= 500 ? this.#failures + 1 : 0;
      return answer;
    } catch (error) {
      this.#failures += 1;
      throw error;
    }
  }

  /** @throws CircuitOpenError */
  #admit(): void {
    if (this.#failures < FAILURES_TO_OPEN) return;
    const { clock, timings } = this.#context;
    const now = clock.monotonic();
    if (now < this.#nextProbeAt) throw new CircuitOpenError('AWS has not answered for a while');
    this.#nextProbeAt = now + timings.guardProbeEveryMs;
  }
}
