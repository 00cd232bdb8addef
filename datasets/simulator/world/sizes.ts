const SMALLEST = 20;

/**
 * Sizes of organisations that add up to `total`, the first the largest: a floor for each, and above it each smaller
 * than the one before by the same factor.
 * @param spread how many times as much above the floor the largest has as the smallest
 */
export function shareOut(total: number, parts: number, spread: number): number[] {
  const floor = Math.max(SMALLEST, Math.floor(Math.min(50, (0.4 * total) / parts)));
  const weights = Array.from({ length: parts }, (_, i) => spread ** (parts === 1 ? 0 : -i / (parts - 1)));
  const sum = weights.reduce((a, b) => a + b, 0);
  const free = total - floor * parts;
  const sizes = weights.map((weight) => floor + Math.floor((free * weight) / sum));
  sizes[0] = (sizes[0] ?? 0) + total - sizes.reduce((a, b) => a + b, 0);
  return sizes;
}

/** Sizes that add up to `total`: the first so many times as large as each other one, and these alike. */
export function oneLarge(total: number, parts: number, times: number): number[] {
  const each = Math.max(SMALLEST, Math.floor(total / (times + parts - 1)));
  return Array.from({ length: parts }, (_, i) => (i === 0 ? total - (parts - 1) * each : each));
}

/** From fifty hosts to several thousand where there are many, about alike where there are few. */
export function usualSpread(hosts: number, orgs: number): number {
  return Math.min(60, Math.max(1.5, hosts / orgs / 30));
}
