import type { FaultRule } from './faultRule.ts';
import type { ServiceName } from './protocol.ts';

type ArmedRule = { readonly rule: FaultRule; left: number };

/** The fault rules in force. The first one that fits and wins its throw of the dice strikes. */
export class Faults {
  readonly #random: () => number;
  #armed: ArmedRule[] = [];

  /** @param random from 0 up to but not including 1 */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Replaces all rules. */
  set(rules: readonly FaultRule[]): void {
    this.#armed = rules.map((rule) => ({ rule, left: rule.times ?? Number.POSITIVE_INFINITY }));
  }

  /** The rules not yet spent; `times` is what is left. */
  list(): FaultRule[] {
    return this.#armed.map(({ rule, left }) => (rule.times === undefined ? rule : { ...rule, times: left }));
  }

  /** The rule that strikes this call now, charged for it. */
  strike(service: ServiceName, operation: string, when: FaultRule['when']): FaultRule | undefined {
    // Nearly always there are none: the way through here has to cost nothing under load.
    if (this.#armed.length === 0) return undefined;
    const names = ['*', `${service}:*`, operation, `${service}:${operation}`];
    const struck = this.#armed.find(
      ({ rule }) => rule.when === when && names.includes(rule.operation) && this.#random() < rule.probability,
    );
    if (struck === undefined) return undefined;
    struck.left -= 1;
    if (struck.left === 0) this.#armed = this.#armed.filter((armed) => armed !== struck);
    return struck.rule;
  }
}
