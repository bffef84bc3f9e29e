import { z } from 'zod';
import type { TimingSettings } from '../TimingSettings.ts';
import type { Timing } from '../timing.ts';
import type { CallCounter, CallCounts } from './CallCounter.ts';
import type { Faults } from './Faults.ts';
import { type FaultRule, parseFaultRules } from './faultRule.ts';
import { timingSchema } from './timingSchema.ts';

export type ControlAnswer = Readonly<{ status: number; body: object; allow?: string }>;

type Handler = (body: unknown) => object;

/** The local cloud's own calls, `/_local/…`, which AWS does not have. Also at hand in the process, same checks. */
export class Control {
  readonly #counter: CallCounter;
  readonly #faults: Faults;
  readonly #timing: TimingSettings;
  readonly #operations: ReadonlySet<string>;
  readonly #routes: Readonly<Record<string, Readonly<Record<string, Handler>>>>;

  /** @param operations all there are, as `ecs:RunTask` */
  constructor(counter: CallCounter, faults: Faults, timing: TimingSettings, operations: ReadonlySet<string>) {
    this.#counter = counter;
    this.#faults = faults;
    this.#timing = timing;
    this.#operations = operations;
    this.#routes = {
      '/_local/calls': {
        GET: () => ({ calls: this.calls() }),
        DELETE: () => {
          this.clearCalls();
          return { calls: this.calls() };
        },
      },
      '/_local/faults': {
        GET: () => ({ faults: faults.list() }),
        PUT: (body) => ({ faults: this.setFaults(body) }),
        DELETE: () => ({ faults: this.setFaults([]) }),
      },
      '/_local/timing': {
        GET: () => timing.current,
        PUT: (body) => this.changeTiming(body),
      },
    };
  }

  owns(path: string): boolean {
    return path.startsWith('/_local/');
  }

  answer(method: string, path: string, body: string): ControlAnswer {
    const handlers = this.#routes[path];
    if (handlers === undefined) return { status: 404, body: { message: `There is no ${path}` } };
    const handler = handlers[method];
    if (handler === undefined) {
      const allow = Object.keys(handlers).join(', ');
      return { status: 405, body: { message: `${path} takes ${allow}` }, allow };
    }
    try {
      return { status: 200, body: handler(method === 'PUT' ? JSON.parse(body) : undefined) };
    } catch (error) {
      if (error instanceof z.ZodError) return { status: 400, body: { message: z.prettifyError(error) } };
      if (error instanceof SyntaxError) return { status: 400, body: { message: 'The body is not valid JSON' } };
      throw error;
    }
  }

  calls(): CallCounts {
    return this.#counter.snapshot();
  }

  clearCalls(): void {
    this.#counter.clear();
  }

  /** Replaces all rules. @throws z.ZodError */
  setFaults(rules: unknown): FaultRule[] {
    this.#faults.set(parseFaultRules(rules, this.#operations));
    return this.#faults.list();
  }

  /** Changes the given keys only. @throws z.ZodError */
  changeTiming(partial: unknown): Timing {
    return this.#timing.change(timingSchema.parse(partial));
  }
}
