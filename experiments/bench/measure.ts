import { performance } from 'node:perf_hooks';
import { collectGarbage } from './collect-garbage.ts';

/** One thing that is timed, together with what it is compared with. */
export type BenchCase = OwnCase | ChildCase;

interface CommonCase {
  readonly name: string;
  /** Units of work in one run; the figure is divided by it. Default 1. */
  readonly per?: number;
  /** Takes part in the first so many runs only; for what takes seconds. Default: all of them. */
  readonly runs?: number;
  readonly note?: string;
}

/** A case in another process, which times one run of it there and tells the milliseconds. */
export interface ChildCase extends CommonCase {
  readonly elsewhere: () => Promise<number>;
}

export interface OwnCase extends CommonCase {
  /**
   * `cpu`: milliseconds of processor time of the whole process, worker threads and garbage collection included, so that
   * a busy machine and a second core change nothing; `wall`: milliseconds on a monotonic clock.
   */
  readonly clock: 'cpu' | 'wall';
  /** Not timed. */
  readonly before?: () => void | Promise<void>;
  readonly run: () => unknown;
  /** Not timed: the place to compare the outcome with what it must be. */
  readonly after?: () => void | Promise<void>;
}

export interface MeasureOptions {
  /** Runs that count. */
  readonly runs: number;
  /** Runs before them that do not. */
  readonly warmUp: number;
  readonly say?: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Times all cases in turns: every run goes once through all of them, each time starting with another one, so that what a
 * machine does in the meantime hits all alike and none always follows the same neighbour.
 * @returns samples in milliseconds, by name of the case
 */
export async function measure(
  cases: readonly BenchCase[],
  { runs, warmUp, say, signal }: MeasureOptions,
): Promise<Map<string, number[]>> {
  const samples = new Map(cases.map(({ name }) => [name, [] as number[]]));
  for (let run = -warmUp; run < runs; run++) {
    const first = (run + warmUp) % Math.max(cases.length, 1);
    for (const one of [...cases.slice(first), ...cases.slice(0, first)]) {
      if (run >= (one.runs ?? runs)) continue;
      signal?.throwIfAborted();
      say?.(`${run < 0 ? 'Warm-up' : `Run ${run + 1}/${runs}`}: ${one.name}`);
      const ms = 'elsewhere' in one ? await one.elsewhere() : await timed(one);
      if (run >= 0) samples.get(one.name)?.push(ms / (one.per ?? 1));
    }
  }
  return samples;
}

/** One run of a case in this process, in milliseconds of its clock. */
export async function timed({ clock, before, run, after }: OwnCase): Promise<number> {
  await before?.();
  // What the case before left behind is not this one's work.
  collectGarbage();
  const wall = performance.now();
  const cpu = process.cpuUsage();
  const outcome = run();
  if (outcome instanceof Promise) await outcome;
  const spent = process.cpuUsage(cpu);
  const ms = clock === 'cpu' ? (spent.user + spent.system) / 1000 : performance.now() - wall;
  await after?.();
  return ms;
}
