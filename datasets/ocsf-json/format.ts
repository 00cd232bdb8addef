import { type Format, type ReaderContext, shareOf } from '../format.ts';
import type { StreamItem } from '../host-facts.ts';
import { jsonLayout, jsonReader } from '../input/json-records.ts';
import { lineReader, notJson } from '../input/lines.ts';
import { fromOcsf } from './read.ts';

const CLASS_UID = /"(?:class_uid|type_uid)"\s*:\s*"?\d/;
const COMMON = /"(?:metadata|time|time_dt|category_uid)"\s*:/;
const HEAD_BYTES = 64 * 1024;

/**
 * Events in the Open Cybersecurity Schema Framework 1.x as JSON: one object a line, a list, or an object with the list
 * `Records` or `events`. Classes 3002, 1007, 4001, 4003 and 2004 become events, the others are counted.
 */
export const ocsfJson: Format = {
  name: 'ocsf-json',
  title: 'OCSF 1.x events, JSON (lines, a list, or an object with Records or events)',

  recognise({ bytes, lines }) {
    const head = bytes.toString('utf8', 0, HEAD_BYTES);
    if (lines.length > 0 && jsonLayout(head) !== 'lines') {
      return CLASS_UID.test(head) && COMMON.test(head) ? 1 : 0;
    }
    return shareOf(lines, (line) => line.startsWith('{') && CLASS_UID.test(line) && COMMON.test(line));
  },

  open: (context) =>
    jsonReader(context, (buffer, start, end, record) =>
      takeOcsf(context, buffer.toString('utf8', start, end), record),
    ),
};

/** Gives one object, as text, to a context; null, or why it cannot be read. */
function takeOcsf(context: ReaderContext, text: string, record: number): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return notJson(error);
  }
  const mapping = fromOcsf(value, { dataset: context.dataset, record }, context.timeZone);
  if (mapping.outcome === 'rejected') return mapping.reason;
  if (mapping.outcome === 'ignored') context.ignore(mapping.kind);
  else for (const item of mapping.items) tell(context, item);
  return null;
}

/**
 * The same, one object a line and nothing else, for files that are known to be such: nothing in the first lines makes
 * them anything else, and reading may go on at any line.
 */
export const ocsfLines: Format = {
  name: 'ocsf-lines',
  title: 'OCSF 1.x events, one object a line',
  resumable: true,
  recognise: () => 1,
  open: (context) =>
    lineReader(context, (buffer, start, end, record) =>
      takeOcsf(context, buffer.toString('utf8', start, end), record),
    ),
};

function tell(context: ReaderContext, item: StreamItem): void {
  if (item.type === 'recorder' || item.type === 'address') context.learn(item);
  else if (item.type === 'unresolved') context.emit(item.event, item.naming);
  else context.emit(item);
}
