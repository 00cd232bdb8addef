import { authProtocol } from '../auth-protocol.ts';
import { shareOf, type Format } from '../format.ts';
import { ByteStrings } from '../input/byte-strings.ts';
import { Columns } from '../input/columns.ts';
import { lineReader } from '../input/lines.ts';
import { remember } from '../input/remember.ts';
import { lanlAction, lanlLogonType } from './values.ts';

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
    const names = new ByteStrings((text) => text.toLowerCase());
    const words = new ByteStrings((text) => text);
    const protocol = remember(authProtocol);
    const logonType = remember(lanlLogonType);
    const action = remember(lanlAction);
    const columns = new Columns(9);

    return lineReader(context, (buffer, start, end, line) => {
      const problem = columns.scan(buffer, start, end);
      if (problem !== null) return problem;
      const time = columns.milliseconds(0);
      if (time < 0) return 'the time is not a number of seconds';
      const status = columns.text(words, 8);
      if (status !== 'Success' && status !== 'Fail') return 'the last column is neither Success nor Fail';
      context.emit({
        type: 'auth',
        time,
        srcHost: columns.text(names, 3),
        dstHost: columns.text(names, 4),
        srcAccount: columns.text(names, 1),
        dstAccount: columns.text(names, 2),
        protocol: protocol(columns.text(words, 5)),
        logonType: logonType(columns.text(words, 6)),
        action: action(columns.text(words, 7)),
        success: status === 'Success',
        source: { dataset: context.dataset, record: line, uid: '' },
      });
      return null;
    });
  },
};
