import { CryptoError } from '../../crypto/public/errors.ts';
import { KeyingRecord } from '../../crypto/public/keying-record.ts';
import type { KeyPlace } from '../../crypto/public/task-key.ts';
import { toCordonError } from '../../protocol/errors.ts';
import { type RoundFailure, plainFailure } from '../../protocol/messages/runs.ts';
import type { KeyPartMessage, SealKeyMessage } from '../../protocol/messages/task-key.ts';
import type { CountSketchTask } from '../../protocol/task.ts';
import type { CoordinatorModules } from '../modules.ts';
import * as refusals from './refusals.ts';
import { CANCELLED } from './run-failures.ts';

export interface KeyingOptions {
  readonly place: KeyPlace;
  readonly kMin: number;
  readonly deadlines: Pick<CountSketchTask['deadlines'], 'advertiseSeconds' | 'graceSeconds'>;
  /** Called after every change, so that everybody hears where things stand. */
  readonly onChange: () => void;
}

/** Time is looked at so often. */
const TICK_MS = 50;

/**
 * The making of the key of one run of a sketch task, as the coordinator relays it: seal keys of those that take part, then
 * parts, of which the first that are enough count. It sees boxes, which it cannot open, and writes them to the log.
 */
export class Keying {
  readonly record: KeyingRecord;
  over = false;
  private readonly options: KeyingOptions;
  private readonly modules: CoordinatorModules;
  private readonly refused = new Map<string, RoundFailure>();
  private readonly started: number;
  private deadline: number;
  private queue: Promise<unknown> = Promise.resolve();
  private end: (failure: RoundFailure | null) => void = () => undefined;
  private readonly ended: Promise<RoundFailure | null>;
  private cancelled = false;

  constructor(options: KeyingOptions, modules: CoordinatorModules) {
    this.options = options;
    this.modules = modules;
    this.record = new KeyingRecord(modules.primitives, modules.roster, options.place);
    this.started = modules.elapsed();
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
    this.deadline = this.started + 1000 * options.deadlines.advertiseSeconds;
  }

  /** Members that have done what is waited for, of how many. */
  get progress(): { readonly expected: readonly string[]; readonly done: readonly string[] } {
    const { recipients, keys, parts } = this.record;
    const expected = recipients ? recipients.map(({ member }) => member) : this.members();
    return { expected, done: (recipients ? parts : keys).map(({ member }) => member) };
  }

  /** Until the key is made or the run cannot begin. @returns why not, or null */
  async carryOut(): Promise<RoundFailure | null> {
    const timer = setInterval(() => void this.inTurn(() => this.advance()), TICK_MS);
    this.options.onChange();
    const failure = await this.ended;
    clearInterval(timer);
    return failure;
  }

  /** @throws CordonError FORBIDDEN; CryptoError TASK_KEY_INVALID, SIGNATURE_INVALID */
  sealKey(member: string, sealKey: SealKeyMessage): Promise<void> {
    refusals.requireOwn('a seal key', member, sealKey.member);
    return this.inTurn(async () => {
      if (this.over || this.record.recipients || this.record.has(member)) return;
      refuseAsMessage(() => this.record.addKey(sealKey));
      await this.modules.log.append('seal-key', { sealKey });
      this.options.onChange();
      await this.advance();
    });
  }

  /** @throws CordonError FORBIDDEN; CryptoError TASK_KEY_INVALID, SIGNATURE_INVALID */
  part(member: string, part: KeyPartMessage): Promise<void> {
    refusals.requireOwn('a key part', member, part.member);
    return this.inTurn(async () => {
      const { record } = this;
      const isDue = record.recipients !== null && !record.complete;
      if (this.over || !isDue || record.parts.some((one) => one.member === member)) return;
      refuseAsMessage(() => record.addPart(part));
      await this.modules.log.append('key-part', { part });
      this.options.onChange();
      await this.advance();
    });
  }

  refuse(member: string, reason: RoundFailure): Promise<void> {
    return this.inTurn(async () => {
      if (this.over || this.refused.has(member) || !this.members().includes(member)) return;
      this.modules.logger.warn({ run: this.options.place.run, member, ...reason }, 'member refuses');
      this.refused.set(member, plainFailure(reason));
      await this.advance();
    });
  }

  cancel(): void {
    this.cancelled = true;
    void this.inTurn(() => this.advance());
  }

  private members(): string[] {
    return this.modules.roster.members.map(({ id }) => id);
  }

  private async advance(): Promise<void> {
    if (this.over) return;
    if (this.cancelled) return this.stop(CANCELLED);
    const { record, modules, options } = this;
    const { run } = options.place;
    const now = modules.elapsed();
    const missing = this.progress.expected.filter(
      (member) => !this.progress.done.includes(member) && !this.refused.has(member),
    );
    const connected = modules.sessions.members();
    const inGrace = now < this.started + 1000 * options.deadlines.graceSeconds;
    const waits = now < this.deadline && missing.some((member) => inGrace || connected.includes(member));
    if (record.recipients === null) {
      if (waits) return;
      if (record.keys.length < options.kMin) return this.stop(this.tooFew(missing));
      record.seal();
      await modules.log.append('sealing', { run });
      this.deadline = now + 1000 * options.deadlines.advertiseSeconds;
      return options.onChange();
    }
    if (record.complete) {
      const keyHash = record.nameOfKey();
      record.finish(keyHash);
      await modules.log.append('keyed', { run, keyHash });
      return this.stop(null);
    }
    if (!waits) this.stop(this.tooFew(missing));
  }

  private stop(failure: RoundFailure | null): void {
    this.over = true;
    this.end(failure);
    this.options.onChange();
  }

  private tooFew(missing: readonly string[]): RoundFailure {
    const { record, options } = this;
    const reasons = [...this.refused].map(([member, { code, expected, got }]) => {
      return `${member} refused: ${code} (expected ${expected}, got ${got})`;
    });
    const said = [...reasons, ...missing.map((member) => `${member} sent nothing`)].slice(0, 16).join(', ');
    const byPolicy =
      missing.length === 0 &&
      this.refused.size > 0 &&
      [...this.refused.values()].every(
        ({ code }) => code === 'POLICY_REFUSED' || code === 'BUDGET_EXHAUSTED',
      );
    return plainFailure({
      code: byPolicy ? 'POLICY_REFUSED' : 'COHORT_TOO_SMALL',
      expected:
        record.recipients === null
          ? `at least ${options.kMin} members that take part in the run`
          : 'parts of the key of more members than may collude',
      got: `${record.recipients === null ? record.keys.length : record.parts.length} (${said})`,
      next: byPolicy
        ? 'change the task so that the site policies allow it, or ask the sites to change their policies'
        : 'bring the members back and start the run again',
    });
  }

  /** One after another. An error of the log ends the run; one of a message goes to its sender. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.queue.then(work);
    this.queue = turn.catch((error: unknown) => {
      if (error instanceof Refused || this.over) return;
      this.stop(plainFailure(toCordonError(error)));
    });
    return turn.catch((error: unknown) => {
      if (error instanceof Refused) throw error.reason;
    });
  }
}

/** What is wrong with a message says nothing about the run. */
class Refused extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('refused');
    this.reason = reason;
  }
}

function refuseAsMessage(work: () => void): void {
  try {
    work();
  } catch (error) {
    throw error instanceof CryptoError ? new Refused(error) : error;
  }
}
