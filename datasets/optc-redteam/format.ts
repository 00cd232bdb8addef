import { isAddress } from '../host-book.ts';
import { shareOf, type Format } from '../format.ts';
import { lineReader } from '../input/lines.ts';

const HEADER = 'id,description,label';
const ROW = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}),(.*),([^,]+)$/i;
/** The Active Directory domain of all hosts of OpTC; the labels name them without it. */
const NETWORK = 'systemia.com';

/**
 * Labels of OpTC's red-team events (cl-anssi, LMDEval): id of the eCAR event, description, label. A row tells neither
 * time nor account: the time is 0, and `source.uid` is the id, so that a label and the event with the same uid are
 * joined. Hosts are taken from the description where it names them.
 */
export const optcRedteam: Format = {
  name: 'optc-redteam',
  title: 'OpTC red-team labels (optc_redteam.csv)',

  recognise: ({ lines }) => shareOf(lines, (line) => line.trimEnd() === HEADER || ROW.test(line.trimEnd())),

  open(context) {
    context.note('labels have no time: they stand at time 0, and mean the event with the same uid');
    return lineReader(context, (buffer, start, end, line) => {
      const text = buffer.toString('utf8', start, end).trimEnd();
      if (text === HEADER) return null;
      const match = ROW.exec(text);
      if (match === null) return 'not id,description,label';
      const [, id = '', description = '', label = ''] = match;
      context.emit({
        type: 'detection',
        time: 0,
        ...hostsOf(description),
        account: '',
        technique: '',
        label,
        source: { dataset: context.dataset, record: line, uid: id.toLowerCase() },
      });
      return null;
    });
  },
};

/** `... - A -> B (how)` and `... from A`; `multiple targets` is no host. */
function hostsOf(description: string): { srcHost: string; dstHost: string } {
  const [before = '', ...after] = description.split(' -> ');
  // Not one expression for both sides: it would begin anew at every letter of a long word.
  const src = /\S{0,512}$/.exec(before.slice(-512))?.[0] ?? '';
  const dst = /^\S+/.exec(after.join(' -> '))?.[0] ?? '';
  if (src !== '' && dst !== '')
    return { srcHost: hostOf(src), dstHost: dst === 'multiple' ? '' : hostOf(dst) };
  const [, from = ''] = /\bfrom (SysClient\d+|DC\d+)\b/i.exec(description) ?? [];
  return { srcHost: hostOf(from), dstHost: '' };
}

function hostOf(name: string): string {
  const host = name.toLowerCase();
  return host === '' || isAddress(host) || host.includes('.') ? host : `${host}.${NETWORK}`;
}
