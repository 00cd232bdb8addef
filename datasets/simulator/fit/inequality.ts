/** Gini coefficient: 0 where all have the same, towards 1 where one has all. Sorts `values`. */
export function gini(values: Float64Array): number {
  values.sort();
  let sum = 0;
  let weighted = 0;
  for (const [i, value] of values.entries()) {
    sum += value;
    weighted += (i + 1) * value;
  }
  const n = values.length;
  return sum === 0 ? 0 : (2 * weighted) / (n * sum) - (n + 1) / n;
}

/** Share of the sum that the largest values have, a fraction `part` of them, the last one in proportion. Sorts `values`. */
export function shareOfLargest(values: Float64Array, part: number): number {
  values.sort();
  let left = part * values.length;
  let sum = 0;
  let largest = 0;
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i] ?? 0;
    sum += value;
    largest += value * Math.min(1, Math.max(0, left));
    left--;
  }
  return sum === 0 ? 0 : largest / sum;
}
