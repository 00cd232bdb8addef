import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { readIfThere, writeDurably } from '../../crypto/identity/durable-file.ts';
import { YEAR_SECONDS, zcdpEpsilon } from '../../models/privacy/zcdp.ts';
import { check } from '../../protocol/codec/codec.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { closed, RoundNumber, RunId } from '../../protocol/messages/fields.ts';

const Debit = Type.Object(
  {
    run: RunId,
    round: RoundNumber,
    /** Roster epoch of the run; a run of the same name in another epoch is another one. */
    epoch: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Beginning of the period whose data was released, milliseconds on the clock of the events. */
    from: Type.Integer({ minimum: 0 }),
    /** Cost in zCDP; null for a release without noise. */
    rho: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
  },
  closed,
);
/** One release of this site's data. */
export type Debit = Static<typeof Debit>;

/** The file that keeps them. */
const LedgerFile = Type.Object({ version: Type.Literal(1), debits: Type.Array(Debit) }, closed);

/** Name of the ledger in a participant's state folder. */
export const PRIVACY_LEDGER = 'privacy.json';

/** Folders beside the ledger that are made after it: where one stands without it, the ledger is lost. */
export const TASK_KEYS = 'task-keys';
export const SKETCHES = 'sketches';

const YEAR_MS = 1000 * YEAR_SECONDS;

/** What a site allows of itself: epsilon of the data of any year at this delta; null for no bound. */
export interface YearlyBudget {
  readonly epsilon: number | null;
  readonly delta: number;
}

/**
 * What this site has given away through noised sums, by the time of the data. A release is on disk here before anything of
 * it leaves; after a crash between the two it counts all the same. A release of a round is counted once, because a round's
 * vector leaves once: the same period at the same cost, for a coordinator may give what it likes the same name.
 */
export class PrivacyLedger {
  private readonly path: string;
  private debits: readonly Debit[];
  /** The last release that is being counted: one after the other, so that none is written over. */
  private counting: Promise<void> = Promise.resolve();

  private constructor(path: string, debits: readonly Debit[]) {
    this.path = path;
    this.debits = debits;
  }

  /**
   * @param folder the participant's state
   * @throws CordonError CONFIG_INVALID for a file that is damaged, or gone: without it nothing may be released
   */
  static async open(folder: string): Promise<PrivacyLedger> {
    const path = join(folder, PRIVACY_LEDGER);
    const text = await readIfThere(path);
    if (text === null) {
      for (const name of [TASK_KEYS, SKETCHES]) await mustNotBe(join(folder, name), path);
      return new PrivacyLedger(path, []);
    }
    try {
      return new PrivacyLedger(path, check(LedgerFile, JSON.parse(text), 'privacy ledger').debits);
    } catch (cause) {
      const detail = {
        expected: `the ledger of released data in ${path}, as this member wrote it`,
        got: toCordonError(cause).got,
        next: 'restore the file from a backup; without it this site cannot know what it has given away',
      };
      throw new CordonError('CONFIG_INVALID', detail, { cause });
    }
  }

  /** Writes an empty ledger where there is none yet; before anything else of sketch tasks is written. */
  async begin(): Promise<void> {
    if ((await readIfThere(this.path)) === null) await this.write([]);
  }

  get all(): readonly Debit[] {
    return this.debits;
  }

  /**
   * Counts a release, on disk before it returns. The same round again changes nothing.
   * @throws CordonError BUDGET_EXHAUSTED where a year of data would cost more than the site allows
   */
  debit(debit: Debit, budget: YearlyBudget): Promise<void> {
    const counted = this.counting.then(() => this.count(debit, budget));
    this.counting = counted.catch(() => undefined);
    return counted;
  }

  private async count(debit: Debit, budget: YearlyBudget): Promise<void> {
    if (this.debits.some((known) => isSame(known, debit))) return;
    const next = [...this.debits, debit];
    this.require(debit, next, budget);
    await this.write(next);
    this.debits = next;
  }

  private async write(debits: readonly Debit[]): Promise<void> {
    await writeDurably(this.path, JSON.stringify({ version: 1, debits }));
  }

  /** Greatest epsilon that any year of data with this moment in it has cost so far. */
  spent(at: number, delta: number): number {
    return zcdpEpsilon(costliestYear(this.debits, at), delta);
  }

  private require(debit: Debit, next: readonly Debit[], { epsilon, delta }: YearlyBudget): void {
    if (epsilon === null) return;
    const after = zcdpEpsilon(costliestYear(next, debit.from), delta);
    if (after <= epsilon) return;
    throw new CordonError('BUDGET_EXHAUSTED', {
      expected: `at most epsilon ${epsilon} of any year of data, at delta ${delta}`,
      got: `${after.toFixed(3)} with this release, ${this.spent(debit.from, delta).toFixed(3)} before it`,
      next: 'wait until older data falls out of the year, add noise to the task, or raise the budget of this site',
    });
  }
}

/** @throws CordonError CONFIG_INVALID where `trace` is there, which a ledger had been before */
async function mustNotBe(trace: string, ledger: string): Promise<void> {
  if ((await stat(trace).catch(() => null)) === null) return;
  throw new CordonError('CONFIG_INVALID', {
    expected: `the ledger of released data at ${ledger}, beside ${trace}`,
    got: 'no such file: this site took part in sketch tasks and does not know any more what it has given away',
    next: 'restore the file from a backup; do not go on without it, because the yearly budget would begin anew',
  });
}

function isSame(a: Debit, b: Debit): boolean {
  return (
    a.run === b.run && a.round === b.round && a.epoch === b.epoch && a.from === b.from && a.rho === b.rho
  );
}

/**
 * Greatest cost, in zCDP, of the releases of any year of data; Infinity where something in it had no noise.
 * @param at where given, of the years that hold this moment alone
 */
export function costliestYear(debits: readonly Debit[], at?: number): number {
  const near = debits.filter(({ from }) => at === undefined || Math.abs(from - at) < YEAR_MS);
  const times = near.toSorted((a, b) => a.from - b.from);
  // Counted apart, because Infinity less Infinity is no number.
  let [most, sum, bare, end] = [0, 0, 0, 0];
  for (const { from, rho } of times) {
    for (let next = times[end]; next && next.from < from + YEAR_MS; next = times[++end]) {
      sum += next.rho ?? 0;
      bare += next.rho === null ? 1 : 0;
    }
    const holds = at === undefined || (from <= at && at < from + YEAR_MS);
    if (holds) most = Math.max(most, bare > 0 ? Infinity : sum);
    sum -= rho ?? 0;
    bare -= rho === null ? 1 : 0;
  }
  return most;
}
