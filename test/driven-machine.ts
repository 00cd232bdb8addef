import { startRound, stepRound } from '../protocol/round/machine.ts';
import { REFUSABLE_PHASES, type RefusablePhase } from '../protocol/round/phases.ts';
import type { RoundConfig, RoundEffect, RoundEvent, RoundState } from '../protocol/round/state.ts';

export const MEMBERS = ['a', 'b', 'c', 'd'];
export const CONFIG: RoundConfig = {
  round: 1,
  members: MEMBERS,
  committee: MEMBERS,
  threshold: 3,
  kMin: 3,
  advertiseMs: 1000,
  collectMs: 10_000,
  graceMs: 500,
  checkMs: 2000,
  openMs: 2000,
  auditMs: 2000,
  auditors: 2,
  settleMs: 300,
};
export const REASON = { code: 'NOT_FINITE', expected: 'numbers', got: 'NaN', next: 'look' };

const isRefusable = (phase: string): phase is RefusablePhase =>
  (REFUSABLE_PHASES as readonly string[]).includes(phase);

/** A round in the hands of a test: events in, all effects kept. */
export class DrivenMachine {
  state: RoundState;
  readonly effects: RoundEffect[] = [];
  readonly config: RoundConfig;

  constructor(config: Partial<RoundConfig> = {}, gone: string[] = []) {
    this.config = { ...CONFIG, ...config };
    this.state = startRound(this.config, gone, 0);
  }

  feed(event: RoundEvent): this {
    const { state, effects } = stepRound(this.config, this.state, event);
    this.state = state;
    this.effects.push(...effects);
    return this;
  }

  all(
    type: 'advertised' | 'uploaded' | 'checked' | 'answered' | 'audited',
    members: readonly string[],
    at: number,
  ): this {
    for (const member of members) this.feed({ type, member, at });
    return this;
  }

  tick(at: number): this {
    return this.feed({ type: 'tick', at });
  }

  refused(member: string, at: number, reason = REASON): this {
    const { phase } = this.state;
    if (!isRefusable(phase)) return this;
    return this.feed({ type: 'refused', member, phase, reason, at });
  }

  collecting(): this {
    return this.all('advertised', this.config.committee, 10);
  }

  checking(): this {
    return this.collecting().all('uploaded', this.config.members, 20);
  }

  opening(): this {
    return this.checking().all('checked', this.config.committee, 25);
  }

  auditing(): this {
    return this.opening().all('answered', this.config.committee, 30).feed({ type: 'combined', at: 40 });
  }

  get last(): RoundEffect | undefined {
    return this.effects.at(-1);
  }

  types(): string[] {
    return this.effects.map(({ type }) => type);
  }
}
