import { authProtocol } from '../auth-protocol.ts';
import { shareOf, type Format } from '../format.ts';
import { ByteMap } from '../input/byte-map.ts';
import { Columns } from '../input/columns.ts';
import { lineReader } from '../input/lines.ts';
import { lanlAction, lanlLogonType } from './values.ts';

/** Words of a column that are kept; a log has a dozen. */
const MOST_WORDS = 1000;

/**
 * LANL 2015 `auth.txt` (Kent 2015): time in seconds, source user@domain, destination user@domain, source computer,
 * destination computer, authentication type, logon type, orientation, Success or Fail. Fields are found in the bytes
 * and turned into interned strings: no line is ever made into a string of its own.
 */
export const lanlAuth: Format = {
  name: 'lanl-auth',
  title: 'LANL 2015 authentication log (auth.txt)',
  resumable: true,

  recognise: ({ lines }) =>
    shareOf(lines, (line) => /^\d+,[^,]+,[^,]+,[^,]+,[^,]+,[^,]+,[^,]+,[^,]+,(Success|Fail)\s*$/.test(line)),

  open(context) {
    const names = new ByteMap((text) => text.toLowerCase());
    const protocols = new ByteMap(authProtocol, MOST_WORDS);
    const logonTypes = new ByteMap(lanlLogonType, MOST_WORDS);
    const actions = new ByteMap(lanlAction, MOST_WORDS);
    const outcomes = new ByteMap(succeeded, 2);
    const columns = new Columns(9);

    return lineReader(context, (buffer, start, end, line) => {
      const problem = columns.scan(buffer, start, end);
      if (problem !== null) return problem;
      const time = columns.milliseconds(0);
      if (time < 0) return 'the time is not a number of seconds';
      const success = columns.of(outcomes, 8);
      if (success === null) return 'the last column is neither Success nor Fail';
      context.emit({
        type: 'auth',
        time,
        srcHost: columns.of(names, 3),
        dstHost: columns.of(names, 4),
        srcAccount: columns.of(names, 1),
        dstAccount: columns.of(names, 2),
        protocol: columns.of(protocols, 5),
        logonType: columns.of(logonTypes, 6),
        action: columns.of(actions, 7),
        success,
        source: { dataset: context.dataset, record: line, uid: '' },
      });
      return null;
    });
  },
};

function succeeded(text: string): boolean | null {
  if (text === 'Success') return true;
  return text === 'Fail' ? false : null;
}
