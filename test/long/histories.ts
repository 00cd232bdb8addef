import type { Ends } from '../simulation/exact-sum.ts';
import { checkHistories, expectEveryEnd } from '../simulation/exact-sum.ts';

const LEAST: Ends = {
  published: 1500,
  failed: 1000,
  withAbsence: 1000,
  corrected: 100,
  without: 100,
  refusedComplaints: 100,
  stopped: 20,
};

/** 5,000 histories; so many a file, because files run side by side. */
export async function playFiveThousand(seed: number): Promise<void> {
  expectEveryEnd(await checkHistories(5000, seed), LEAST);
}
