/** Where values lie on an axis, and where its marks stand. */
export interface Scale {
  /** From 0 at the start of the axis to 1 at its end. */
  readonly place: (value: number) => number;
  readonly marks: readonly number[];
}

/** From 0 to a round number at or above the greatest value, with four to six marks. */
export function linearScale(values: readonly number[]): Scale {
  const greatest = Math.max(...values, Number.MIN_VALUE);
  const rough = greatest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const steps = Math.ceil(greatest / step - 1e-9);
  const end = step * steps;
  return {
    place: (value) => value / end,
    marks: Array.from({ length: steps + 1 }, (_, i) => Number((i * step).toPrecision(6))),
  };
}

/**
 * Whole powers of ten from at or below the smallest to at or above the greatest value. A bar has no natural start on such
 * an axis: lengths compare by the marks, not by eye.
 */
export function logScale(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive)) - 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive)) - 1e-9));
  return {
    place: (value) => (Math.log10(value) - low) / (high - low),
    marks: Array.from({ length: high - low + 1 }, (_, i) => Number((10 ** (low + i)).toPrecision(6))),
  };
}
