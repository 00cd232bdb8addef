import type { Withheld } from './alert-status.ts';

/** Suppressions that are counted apart. */
const MOST_RULES = 1000;

/** How often each suppression has kept an event from raising an alert. */
export class WithheldCounts {
  /** By id; the rule that was met last comes last. */
  readonly #rules = new Map<string, Withheld>();

  /** @param time of the event, milliseconds */
  count(rule: string, time: number): void {
    const { events } = this.#rules.get(rule) ?? { events: 0 };
    this.#rules.delete(rule);
    this.#rules.set(rule, { events: events + 1, last: time });
    // The one that nothing has met for the longest is forgotten.
    const [oldest = ''] = this.#rules.keys();
    if (this.#rules.size > MOST_RULES) this.#rules.delete(oldest);
  }

  snapshot(): WithheldSnapshot {
    return [...this.#rules];
  }

  restore(rules: WithheldSnapshot): void {
    this.#rules.clear();
    for (const [rule, withheld] of rules) this.#rules.set(rule, withheld);
  }
}

export type WithheldSnapshot = readonly (readonly [string, Withheld])[];
