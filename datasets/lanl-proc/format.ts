import { shareOf, type Format } from '../format.ts';
import { ByteMap } from '../input/byte-map.ts';
import { Columns } from '../input/columns.ts';
import { lineReader } from '../input/lines.ts';

/** LANL 2015 `proc.txt` (Kent 2015): time in seconds, user@domain, computer, process name, Start or End. */
export const lanlProc: Format = {
  name: 'lanl-proc',
  title: 'LANL 2015 processes (proc.txt)',

  recognise: ({ lines }) =>
    shareOf(lines, (line) => /^\d+,[^,]+@[^,]+,[^,]+,[^,]+,(Start|End)\s*$/.test(line)),

  open(context) {
    const names = new ByteMap((text) => text.toLowerCase());
    const words = new ByteMap((text) => text);
    const columns = new Columns(5);

    return lineReader(context, (buffer, start, end, line) => {
      const problem = columns.scan(buffer, start, end);
      if (problem !== null) return problem;
      const time = columns.milliseconds(0);
      if (time < 0) return 'the time is not a number of seconds';
      const action = columns.of(words, 4);
      if (action !== 'Start' && action !== 'End') return 'the last column is neither Start nor End';
      context.emit({
        type: 'process',
        time,
        host: columns.of(names, 2),
        account: columns.of(names, 1),
        image: columns.of(words, 3),
        parentImage: '',
        action,
        source: { dataset: context.dataset, record: line, uid: '' },
      });
      return null;
    });
  },
};
