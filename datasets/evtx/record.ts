import { parseTime, implausibleTime } from '../time-text.ts';
import { UTC } from '../time-zone.ts';
import type { WindowsRecord } from '../windows-json/record.ts';
import type { Node } from './xml-node.ts';

/** The parts of a record that every Windows event has, and its own fields. */
export interface EvtxRecord {
  readonly eventId: number;
  readonly channel: string;
  readonly computer: string;
  /** ISO 8601, milliseconds. */
  readonly time: string;
  readonly recordId: string;
  /** `EventData` or `UserData`. */
  readonly data: Node | null;
}

/** What a record's XML says (`Event` with `System` and `EventData` or `UserData`). @throws Damaged */
export function evtxRecord(event: Node): EvtxRecord {
  let [eventId, channel, computer, time, recordId] = [NaN, '', '', '', ''];
  let data: Node | null = null;
  for (const part of event.children()) {
    if (part.name === 'EventData' || part.name === 'UserData') data = part;
    if (part.name !== 'System') continue;
    for (const field of part.children()) {
      if (field.name === 'EventID') eventId = Number(field.text() || NaN);
      else if (field.name === 'Channel') channel = field.text();
      else if (field.name === 'Computer') computer = field.text();
      else if (field.name === 'TimeCreated') time = field.attribute('SystemTime');
      else if (field.name === 'EventRecordID') recordId = field.text();
    }
  }
  return { eventId, channel, computer, time, recordId, data };
}

/** Fields by name: `<Data Name="...">` of `EventData`, the elements inside that of `UserData`. @throws Damaged */
export function dataFields(data: Node): Map<string, string> {
  const fields = new Map<string, string>();
  if (data.name === 'EventData') {
    for (const child of data.children()) {
      const name = child.attribute('Name');
      if (name !== '') fields.set(name, child.text());
    }
    return fields;
  }
  for (const wrapper of data.children())
    for (const child of wrapper.children()) fields.set(child.name, child.text());
  return fields;
}

/** The record as the mapping tables take it, or why it cannot be used. @throws Damaged */
export function windowsRecordOf(record: EvtxRecord): WindowsRecord | string {
  const { eventId, recordId } = record;
  if (!Number.isInteger(eventId)) return 'no event id';
  const host = record.computer.toLowerCase();
  if (host === '') return 'no host name';
  const time = parseTime(record.time, UTC);
  if (Number.isNaN(time)) return 'no readable time';
  if (implausibleTime(time)) return `a time before 1970 or after 2199: ${record.time}`;
  if (record.data === null) return 'no event data';
  const channel = record.channel.toLowerCase();
  const fields = dataFields(record.data);
  return {
    eventId,
    channel,
    host,
    time,
    uid: recordId === '' ? '' : `${channel}/${host}/${recordId}@${new Date(time).toISOString()}`,
    wall: null,
    field: (name) => {
      const value = fields.get(name) ?? '';
      return value === '-' || value === '(null)' ? '' : value;
    },
  };
}
