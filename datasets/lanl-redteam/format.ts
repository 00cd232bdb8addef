import { shareOf, type Format } from '../format.ts';
import { lineReader } from '../input/lines.ts';

const ROW = /^(\d{1,12}),([^,]+@[^,]+),([^,]+),([^,]+)$/;

/**
 * LANL 2015 `redteam.txt` (Kent 2015): time in seconds, user@domain, source computer, destination computer of a
 * compromise. A row joins the auth rows with exactly its time, source user, source and destination computer.
 * The source names no technique.
 */
export const lanlRedteam: Format = {
  name: 'lanl-redteam',
  resumable: true,
  title: 'LANL 2015 red-team events (redteam.txt)',

  recognise: ({ lines }) => shareOf(lines, (line) => ROW.test(line.trimEnd())),

  open: (context) =>
    lineReader(context, (buffer, start, end, line) => {
      const match = ROW.exec(buffer.toString('utf8', start, end).trimEnd());
      if (match === null) return 'not time,user@domain,source computer,destination computer';
      const [, seconds = '', account = '', srcHost = '', dstHost = ''] = match;
      context.emit({
        type: 'detection',
        time: Number(seconds) * 1000,
        srcHost: srcHost.toLowerCase(),
        dstHost: dstHost.toLowerCase(),
        account: account.toLowerCase(),
        technique: '',
        label: '',
        source: { dataset: context.dataset, record: line, uid: '' },
      });
      return null;
    }),
};
