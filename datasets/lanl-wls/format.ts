import { shareOf, type Format } from '../format.ts';
import { lineReader, notJson } from '../input/lines.ts';
import { WlsFields } from './fields.ts';
import { WLS_EVENTS } from './mapping.ts';

const MAX_SECONDS = 999_999_999_999;

/**
 * Host events of LANL 2017 (Turcotte, Kent and Hash 2018): Windows events as flat JSON objects, one a line, with time
 * in seconds since the start of the recording.
 */
export const lanlWls: Format = {
  name: 'lanl-wls',
  title: 'LANL 2017 host events (WLS, JSON lines)',

  recognise: ({ lines }) =>
    shareOf(
      lines,
      (line) =>
        line.startsWith('{') &&
        /"EventID"\s*:\s*\d/.test(line) &&
        /"LogHost"\s*:\s*"/.test(line) &&
        /"Time"\s*:\s*\d/.test(line),
    ),

  open(context) {
    const fields = new WlsFields();
    return lineReader(context, (buffer, start, end, line) => {
      let record: unknown;
      try {
        record = JSON.parse(buffer.toString('utf8', start, end));
      } catch (error) {
        return notJson(error);
      }
      if (!isObject(record)) return 'not a JSON object';
      fields.take(record);
      const eventId = fields.whole('EventID');
      if (eventId < 0) return 'no event id';
      const host = fields.name('LogHost');
      if (host === '') return 'no host name';
      const seconds = fields.whole('Time');
      if (seconds < 0 || seconds > MAX_SECONDS) return 'the time is not a number of seconds';
      const map = WLS_EVENTS.get(eventId);
      const source = { dataset: context.dataset, record: line, uid: '' };
      if (map === undefined) context.ignore(String(eventId));
      else context.emit(map(fields, host, seconds * 1000, source));
      return null;
    });
  },
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
