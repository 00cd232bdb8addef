import { shareOf, type Format, type ReaderContext } from '../format.ts';
import { jsonReader } from '../input/json-records.ts';
import { lineReader, notJson } from '../input/lines.ts';
import { implausibleTime, parseTime } from '../time-text.ts';
import { zeekJsonRecord } from './json.ts';
import { zeekTime, type ZeekRecord } from './record.ts';
import { addressOf, STREAMS } from './streams.ts';
import { ZeekTsv } from './tsv.ts';

const HASH = 0x23;
/** Zeek does not know whose network it watches: names and addresses of all its logs belong to one. */
const NETWORK = '';

/** Zeek logs as its own writer has them: tab-separated values below header lines. */
export const zeekTsv: Format = {
  name: 'zeek-tsv',
  title: 'Zeek logs, tab-separated (conn, kerberos, ntlm, smb, dce_rpc, dns; labelled conn)',

  recognise: ({ lines }) =>
    lines[0]?.startsWith('#separator ') === true ||
    lines.slice(0, 20).some((line) => /^#fields\s+ts\b/.test(line))
      ? 1
      : 0,

  open(context) {
    const log = new ZeekTsv();
    return lineReader(context, (buffer, start, end, line) => {
      const text = buffer.toString('utf8', start, end);
      if (buffer[start] !== HASH) return take(context, log.row(text), line);
      log.comment(text);
      return null;
    });
  },
};

/** Zeek logs as JSON: one log, or several in one file. */
export const zeekJson: Format = {
  name: 'zeek-json',
  title: 'Zeek logs, JSON (conn, kerberos, ntlm, smb, dce_rpc, dns; one log or several in one file)',

  recognise: ({ lines }) =>
    shareOf(
      lines,
      (line) =>
        line.startsWith('{') &&
        /"ts"\s*:/.test(line) &&
        /"(?:_path|@stream|uid|fuid|id[._]orig_h)"\s*:/.test(line),
    ),

  open: (context) =>
    jsonReader(context, (buffer, start, end, line) => {
      let json: unknown;
      try {
        json = JSON.parse(buffer.toString('utf8', start, end));
      } catch (error) {
        return notJson(error);
      }
      return take(context, zeekJsonRecord(json), line);
    }),
};

function take(context: ReaderContext, record: ZeekRecord | string, line: number): string | null {
  if (typeof record === 'string') return record;
  const stream = STREAMS.get(record.stream);
  if (stream === undefined) {
    context.ignore(`zeek ${/^[\w.-]{1,40}$/.test(record.stream) ? record.stream : 'log without a name'}`);
    return null;
  }
  const at = zeekTime(record.text('ts'), (text) => parseTime(text, context.timeZone));
  if (at === null) return 'no readable time (ts)';
  if (implausibleTime(at.ms)) return 'the time lies outside 1970 to 2200';
  const srcHost = addressOf(record, 'orig');
  const dstHost = addressOf(record, 'resp');
  if (srcHost === '' || dstHost === '') return 'no address of originator or responder';
  const connection = record.text('uid');
  const uid =
    connection === ''
      ? ''
      : [
          'zeek',
          record.stream,
          connection,
          at.seconds,
          ...stream.identity.map((name) => record.text(name)),
        ].join(' ');
  const outcome = stream.map(record, {
    time: at.ms,
    srcHost,
    dstHost,
    source: { dataset: context.dataset, record: line, uid },
  });
  if ('ignored' in outcome) {
    context.ignore(outcome.ignored);
    return null;
  }
  for (const fact of outcome.learnt ?? []) context.learn({ ...fact, network: NETWORK });
  for (const event of outcome.events) context.emit(event, { network: NETWORK, ...outcome.names });
  return null;
}
