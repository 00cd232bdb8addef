import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { YEAR_SECONDS, zcdpEpsilon, zcdpRho } from '../../models/privacy/zcdp.ts';
import { toCordonError } from '../../protocol/errors.ts';
import {
  type Debit,
  PRIVACY_LEDGER,
  PrivacyLedger,
  SKETCHES,
  TASK_KEYS,
  costliestYear,
} from './privacy-ledger.ts';

const YEAR = 1000 * YEAR_SECONDS;
const DELTA = 1e-6;
const RUN = 'run-0123456789abcdef';
const budget = (epsilon: number | null) => ({ epsilon, delta: DELTA });
const release = (round: number, from: number, rho: number | null): Debit => ({ run: RUN, round, from, rho });

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-ledger-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'released',
    (error: unknown) => toCordonError(error).code,
  );

describe('the privacy ledger', () => {
  it('has a release on disk before it returns, so that a crash right after it forgets nothing', async () => {
    const ledger = await PrivacyLedger.open(folder);
    await ledger.debit(release(1, 0, 0.1), budget(8));
    // Nothing else of the process is needed: another one finds it.
    const after = await PrivacyLedger.open(folder);
    expect(after.all).toEqual([release(1, 0, 0.1)]);
    expect(after.spent(0, DELTA)).toBe(zcdpEpsilon(0.1, DELTA));
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('releases nothing where the debit cannot be written', async () => {
    const ledger = await PrivacyLedger.open(join(folder, 'gone'));
    expect(await codeOf(ledger.debit(release(1, 0, 0.1), budget(8)))).toBe('DATA_NOT_FOUND');
    expect(ledger.all).toEqual([]);
  });

  it('counts a round once, however often it is made, and every other round', async () => {
    const ledger = await PrivacyLedger.open(folder);
    for (const round of [1, 1, 2, 1]) await ledger.debit(release(round, 0, 0.1), budget(8));
    expect(ledger.all.map(({ round }) => round)).toEqual([1, 2]);
    expect(ledger.spent(0, DELTA)).toBeCloseTo(zcdpEpsilon(0.2, DELTA), 9);
  });

  it('counts releases that come at once one after the other: all of them, and none beyond the budget', async () => {
    const ledger = await PrivacyLedger.open(folder);
    const third = zcdpRho(4, DELTA) / 3.001;
    const codes = await Promise.all(
      [1, 2, 3, 4].map((round) => codeOf(ledger.debit(release(round, 0, third), budget(4)))),
    );
    expect(codes).toEqual(['released', 'released', 'released', 'BUDGET_EXHAUSTED']);
    expect((await PrivacyLedger.open(folder)).all.map(({ round }) => round)).toEqual([1, 2, 3]);
  });

  it('counts what has the name of a release that was counted and is another one: of another epoch, period or cost', async () => {
    const ledger = await PrivacyLedger.open(folder);
    const first = { ...release(1, 0, 0.1), epoch: 0 };
    const others = [first, { ...first, epoch: 1 }, { ...first, from: 600_000 }, { ...first, rho: 0.2 }];
    for (const debit of others) await ledger.debit(debit, budget(8));
    expect((await PrivacyLedger.open(folder)).all).toEqual(others);
  });

  it('refuses what would take any year of data beyond the budget, and takes it again when older data falls out', async () => {
    const ledger = await PrivacyLedger.open(folder);
    const half = zcdpRho(4, DELTA) / 2;
    await ledger.debit(release(1, 0, half), budget(4));
    await ledger.debit(release(2, YEAR / 2, half * 0.999), budget(4));
    expect(await codeOf(ledger.debit(release(3, YEAR - 1, half), budget(4)))).toBe('BUDGET_EXHAUSTED');
    expect(await codeOf(ledger.debit(release(3, YEAR, half), budget(4)))).toBe('released');
    // A year in between would hold three of them, whichever way round they came.
    expect(await codeOf(ledger.debit(release(4, YEAR / 2 + 1, half), budget(4)))).toBe('BUDGET_EXHAUSTED');
    expect(ledger.all).toHaveLength(3);
  });

  it('with a bound lets nothing out that has no noise, and nothing more of a year in which that happened', async () => {
    const ledger = await PrivacyLedger.open(folder);
    expect(await codeOf(ledger.debit(release(1, 0, null), budget(50)))).toBe('BUDGET_EXHAUSTED');
    expect(await codeOf(ledger.debit(release(1, 0, null), budget(null)))).toBe('released');
    expect(await codeOf(ledger.debit(release(2, YEAR - 1, 0.01), budget(50)))).toBe('BUDGET_EXHAUSTED');
    expect(await codeOf(ledger.debit(release(2, YEAR, 0.01), budget(50)))).toBe('released');
    expect(ledger.spent(0, DELTA)).toBe(Infinity);
    expect(ledger.spent(YEAR + 5, DELTA)).toBeLessThan(1);
  });

  it('does not start with a damaged file: what was given away would be forgotten', async () => {
    for (const text of ['', '{}', '{"version":1,"debits":[{"run":"x"}]}', '{"version":2,"debits":[]}']) {
      await writeFile(join(folder, PRIVACY_LEDGER), text);
      expect(await codeOf(PrivacyLedger.open(folder))).toBe('CONFIG_INVALID');
      expect(await readFile(join(folder, PRIVACY_LEDGER), 'utf8')).toBe(text);
    }
  });

  it('does not start without the file where keys or sketches of tasks say that there was one', async () => {
    const ledger = await PrivacyLedger.open(folder);
    await ledger.begin();
    for (const trace of [TASK_KEYS, SKETCHES]) {
      await mkdir(join(folder, trace));
      expect((await PrivacyLedger.open(folder)).all).toEqual([]);
      await rm(join(folder, PRIVACY_LEDGER));
      expect(await codeOf(PrivacyLedger.open(folder))).toBe('CONFIG_INVALID');
      await rm(join(folder, trace), { recursive: true });
      await (await PrivacyLedger.open(folder)).begin();
    }
  });

  it('begins once: what is counted stays', async () => {
    const ledger = await PrivacyLedger.open(folder);
    await ledger.begin();
    await ledger.debit(release(1, 0, 0.1), budget(8));
    await (await PrivacyLedger.open(folder)).begin();
    expect((await PrivacyLedger.open(folder)).all).toEqual([release(1, 0, 0.1)]);
  });

  it('finds the costliest year as trying every window does', () => {
    let state = 7;
    const next = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
    for (let trial = 0; trial < 200; trial++) {
      const debits = Array.from({ length: 1 + next(12) }, (_, i) =>
        release(i, next(30) * (YEAR / 10), next(10) === 0 ? null : next(100)),
      );
      const windows = debits.map(({ from }) => {
        const inside = debits.filter((one) => one.from >= from && one.from < from + YEAR);
        return inside.reduce((sum, { rho }) => sum + (rho ?? Infinity), 0);
      });
      expect(costliestYear(debits)).toBe(Math.max(...windows));
      const [{ from: at } = { from: 0 }] = debits;
      const holding = windows.filter(
        (_, i) => (debits[i]?.from ?? 0) <= at && at < (debits[i]?.from ?? 0) + YEAR,
      );
      expect(costliestYear(debits, at)).toBe(Math.max(...holding));
    }
  });
});
