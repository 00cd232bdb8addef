import type { Bench, BenchContext } from './bench.ts';
import { commit, machine } from './provenance.ts';
import type { BenchResult } from './result.ts';

/** Runs a bench and puts its figures together with where they come from. */
export async function runBench(bench: Bench, context: BenchContext): Promise<BenchResult> {
  // Read before the run: what is committed while it goes on is not what was measured.
  const from = commit(context.version);
  const { rows, ratios, skipped } = await bench.run(context);
  return { bench: bench.name, commit: from, machine: machine(), rows, ratios, skipped };
}
