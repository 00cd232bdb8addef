import { shareOf, type Format } from '../format.ts';
import { ByteStrings } from '../input/byte-strings.ts';
import { Columns } from '../input/columns.ts';
import { lineReader } from '../input/lines.ts';

/** LANL 2015 `proc.txt` (Kent 2015): time in seconds, user@domain, computer, process name, Start or End. */
export const lanlProc: Format = {
  name: 'lanl-proc',
  title: 'LANL 2015 processes (proc.txt)',

  recognise: ({ lines }) =>
    shareOf(lines, (line) => /^\d+,[^,]+@[^,]+,[^,]+,[^,]+,(Start|End)\s*$/.test(line)),

  open(context) {
    const names = new ByteStrings((text) => text.toLowerCase());
    const words = new ByteStrings((text) => text);
    const columns = new Columns(5);

    return lineReader(context, (buffer, start, end, line) => {
      const problem = columns.scan(buffer, start, end);
      if (problem !== null) return problem;
      const time = columns.milliseconds(0);
      if (time < 0) return 'the time is not a number of seconds';
      const action = columns.text(words, 4);
      if (action !== 'Start' && action !== 'End') return 'the last column is neither Start nor End';
      context.emit({
        type: 'process',
        time,
        host: columns.text(names, 2),
        account: columns.text(names, 1),
        image: columns.text(words, 3),
        parentImage: '',
        action,
        source: { dataset: context.dataset, record: line, uid: '' },
      });
      return null;
    });
  },
};
