import type { Bench, BenchContext, Measured } from '../bench.ts';
import { measure } from '../measure.ts';
import { rowOf } from '../statistics.ts';
import { floatSum } from './float-sum.ts';

const MILLION = 1_000_000;

/** A million parameters: what a member, the coordinator and a committee member spend on one secure sum. */
export const secureSum: Bench = {
  name: 'secure-sum',
  targets: [],
  charts: [],
  run: (context) => runSecureSum(context, MILLION),
};

/** @param length parameters in the vector */
export async function runSecureSum(context: BenchContext, length: number): Promise<Measured> {
  const { runs, say, signal } = context;
  const samples = await measure([floatSum(length)], { runs: runs ?? 15, warmUp: 2, say, signal });
  const rows = [...samples].map(([name, values]) => rowOf(name, 'ms', values));
  return { rows, ratios: [], skipped: [] };
}
