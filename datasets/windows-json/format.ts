import { shareOf, type Format } from '../format.ts';
import { lineReader, notJson } from '../input/lines.ts';
import { isUsed, WindowsEmitter } from './emit.ts';
import { EventIdScanner } from './prescan.ts';
import { windowsRecord } from './record.ts';

const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * Windows Security and Sysmon events as JSON lines: flat (NXLog, Mordor) and nested (winlogbeat 6 and 7).
 * Most records of such files are of kinds that are not used, so the event id is looked for in the bytes and only
 * records of used kinds are parsed; of the others it is checked that they begin and end as an object does, which
 * finds lines that were cut.
 */
export const windowsJson: Format = {
  name: 'windows-json',
  title: 'Windows Security and Sysmon events, JSON lines (flat, winlogbeat 6 and 7)',
  resumable: true,

  recognise: ({ lines }) =>
    shareOf(
      lines,
      (line) =>
        line.startsWith('{') &&
        /"(EventID|event_id)"\s*:/.test(line) &&
        /"(Hostname|computer_name|Computer)"\s*:/.test(line),
    ),

  open(context) {
    const scanner = new EventIdScanner();
    const emitter = new WindowsEmitter(context);
    return lineReader(context, (buffer, start, end, line) => {
      let from = start;
      let to = end;
      while (buffer[from] === 0x20 || buffer[from] === 0x09) from++;
      while (buffer[to - 1] === 0x20 || buffer[to - 1] === 0x09) to--;
      if (buffer[from] !== OPEN) return 'does not begin with {';
      if (buffer[to - 1] !== CLOSE) return 'does not end with }: cut short';
      const bytes = buffer.subarray(from, to);
      const id = scanner.scan(bytes);
      if (id >= 0 && !isUsed(id)) {
        context.ignore(String(id));
        return null;
      }
      let json: unknown;
      try {
        json = JSON.parse(bytes.toString('utf8'));
      } catch (error) {
        return notJson(error);
      }
      const record = windowsRecord(json, context.timeZone);
      if (typeof record === 'string') return record;
      emitter.emit(record, line);
      return null;
    });
  },
};
