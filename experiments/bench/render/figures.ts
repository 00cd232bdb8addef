/** A figure for people: three significant digits, no exponent, thousands apart. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  const digits = size === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(digits, 6));
}

/** Units as they are written in tables and on axes. */
export function unitText(unit: string): string {
  return unit === 'mb' ? 'MB' : unit;
}
