import { authProtocol } from '../auth-protocol.ts';
import { shareOf, type Format } from '../format.ts';
import { lineReader } from '../input/lines.ts';
import { ByteStrings, HASH_SEED, hashStep } from './byte-strings.ts';
import { lanlAction, lanlLogonType } from './values.ts';

const COMMA = 0x2c;
const COLUMNS = 9;
const MAX_DIGITS = 12;

/**
 * LANL 2015 `auth.txt` (Kent 2015): time in seconds, source user@domain, destination user@domain, source computer,
 * destination computer, authentication type, logon type, orientation, Success or Fail. Fields are found in the bytes
 * and turned into interned strings: no line is ever made into a string of its own.
 */
export const lanlAuth: Format = {
  name: 'lanl-auth',
  title: 'LANL 2015 authentication log (auth.txt)',

  recognise: ({ lines }) =>
    shareOf(lines, (line) => /^\d+,[^,]+,[^,]+,[^,]+,[^,]+,[^,]+,[^,]+,[^,]+,(Success|Fail)\s*$/.test(line)),

  open(context) {
    const names = new ByteStrings((text) => text.toLowerCase());
    const words = new ByteStrings((text) => text);
    const protocol = remember(authProtocol);
    const logonType = remember(lanlLogonType);
    const action = remember(lanlAction);
    const ends = new Int32Array(COLUMNS);
    const hashes = new Int32Array(COLUMNS);

    return lineReader(context, (buffer, start, end, line) => {
      let columns = 0;
      let hash = HASH_SEED;
      let fieldStart = start;
      for (let i = start; i < end; i++) {
        const byte = buffer[i] ?? 0;
        if (byte !== COMMA) {
          hash = hashStep(hash, byte);
          continue;
        }
        if (columns === COLUMNS - 1) return 'more than 9 columns';
        if (i === fieldStart) return `column ${columns + 1} is empty`;
        ends[columns] = i;
        hashes[columns++] = hash;
        hash = HASH_SEED;
        fieldStart = i + 1;
      }
      if (columns !== COLUMNS - 1) return `${columns + 1} columns where 9 are needed`;
      ends[8] = end;
      hashes[8] = hash;

      const seconds = digits(buffer, start, ends[0] ?? 0);
      if (seconds < 0) return 'the time is not a number of seconds';
      const status = column(words, 8);
      if (status !== 'Success' && status !== 'Fail') return 'the last column is neither Success nor Fail';
      context.emit({
        type: 'auth',
        time: seconds * 1000,
        srcHost: column(names, 3),
        dstHost: column(names, 4),
        srcAccount: column(names, 1),
        dstAccount: column(names, 2),
        protocol: protocol(column(words, 5)),
        logonType: logonType(column(words, 6)),
        action: action(column(words, 7)),
        success: status === 'Success',
        source: { dataset: context.dataset, record: line, uid: '' },
      });
      return null;

      function column(strings: ByteStrings, index: number): string {
        return strings.get(buffer, (ends[index - 1] ?? 0) + 1, ends[index] ?? 0, hashes[index] ?? 0);
      }
    });
  },
};

/** The same function, asked once a word: a log has few, but it may be made to have many. */
function remember<T>(of: (word: string) => T): (word: string) => T {
  const known = new Map<string, T>();
  return (word) => {
    let value = known.get(word);
    if (value === undefined) {
      value = of(word);
      if (known.size < 1000) known.set(word, value);
    }
    return value;
  };
}

function digits(buffer: Buffer, start: number, end: number): number {
  if (end <= start || end - start > MAX_DIGITS) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (buffer[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
