import { shareOf, type Format } from '../format.ts';
import { ByteMap } from '../input/byte-map.ts';
import { Columns } from '../input/columns.ts';
import { lineReader } from '../input/lines.ts';

/** LANL 2015 `dns.txt` (Kent 2015): time in seconds, computer that asked, computer that was looked up. */
export const lanlDns: Format = {
  name: 'lanl-dns',
  title: 'LANL 2015 name look-ups (dns.txt)',

  recognise: ({ lines }) => shareOf(lines, (line) => /^\d+,C\d+,C\d+\s*$/.test(line)),

  open(context) {
    const names = new ByteMap((text) => text.toLowerCase());
    const columns = new Columns(3);

    return lineReader(context, (buffer, start, end, line) => {
      const problem = columns.scan(buffer, start, end);
      if (problem !== null) return problem;
      const time = columns.milliseconds(0);
      if (time < 0) return 'the time is not a number of seconds';
      context.emit({
        type: 'dns',
        time,
        host: columns.of(names, 1),
        query: columns.of(names, 2),
        source: { dataset: context.dataset, record: line, uid: '' },
      });
      return null;
    });
  },
};
