import { CordonError } from '../protocol/errors.ts';

/** What the argument parser found wrong, as an error like all others. */
export function usageError(message: string): CordonError {
  return new CordonError('USAGE', {
    expected: 'a command as its help says',
    got: message.replace(/^error: /, ''),
    next: 'add --help to see the arguments and an example',
  });
}

/** @throws CordonError USAGE unless the text is a whole number in the range */
export function wholeNumber(text: string, name: string, min: number, max: number): number {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new CordonError('USAGE', {
    expected: `${name} to be a whole number from ${min} to ${max}`,
    got: text,
    next: 'add --help to see the arguments and an example',
  });
}
