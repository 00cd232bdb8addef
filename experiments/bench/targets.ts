import type { Target } from './bench.ts';
import type { BenchResult } from './result.ts';

/** A target and what was measured; null where the run has no such row or ratio. */
export interface Verdict extends Target {
  readonly measured: number | null;
  readonly met: boolean | null;
}

/** Every target against the median of its row, or its ratio. */
export function judge(targets: readonly Target[], { rows, ratios }: BenchResult): Verdict[] {
  return targets.map((target) => {
    const row = rows.find(({ name }) => name === target.of);
    const measured = row?.median ?? ratios.find(({ name }) => name === target.of)?.value ?? null;
    const met =
      measured === null
        ? null
        : target.must === 'at most'
          ? measured <= target.value
          : measured >= target.value;
    return { ...target, measured, met };
  });
}

/** For example `at most 30: met`. */
export function verdictText({ must, value, met }: Verdict): string {
  return `${must} ${value}: ${met === null ? 'not measured' : met ? 'met' : 'MISSED'}`;
}
