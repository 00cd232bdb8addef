import { CordonError, type ErrorCode } from '../../protocol/errors.ts';

const MOST = 1000;
const GREATEST = 2 ** 32 - 1;

/**
 * Seeds as people write them, for example `1-3,7`: each once, in ascending order.
 * @param where what the text is, for the error
 * @throws CordonError of the code that is given, for text of another form, seeds above 2^32 - 1, or more than 1000
 */
export function parseSeeds(text: string, where: string, code: ErrorCode): number[] {
  const seeds = new Set<number>();
  for (const part of text.split(',')) {
    const [, first = '', last = first] = /^ *(\d{1,10})(?: *- *(\d{1,10}))? *$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === '' || from > to || to > GREATEST || to - from >= MOST) throw wrong(part);
    for (let seed = from; seed <= to; seed++) seeds.add(seed);
    if (seeds.size > MOST) throw wrong(`more than ${MOST} seeds`);
  }
  return [...seeds].sort((a, b) => a - b);

  function wrong(got: string): CordonError {
    return new CordonError(code, {
      expected: `${where} to be numbers and ranges like 1-3,7, at most ${MOST} seeds from 0 to ${GREATEST}`,
      got: got === '' ? 'nothing between two commas' : got,
      next: 'correct the list of seeds',
    });
  }
}
