import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LOGON_TYPES, type CanonicalEvent } from '../../protocol/events/canonical.ts';
import { UTC } from '../time-zone.ts';
import { logonType } from './names.ts';
import { windowsRecord } from './record.ts';
import { SECURITY_EVENTS } from './security.ts';
import { SYSMON_EVENTS } from './sysmon.ts';

const EVENTS = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Cells of the table whose head begins with these columns. */
function table(text: string, ...columns: string[]): string[][] {
  const rows = text.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const head = rows.findIndex((cells) => columns.every((name, i) => cells[i] === name));
  if (head < 0) throw new Error(`no table of ${columns.join(', ')}`);
  const body = rows.slice(head + 2);
  return body.slice(
    0,
    body.findIndex((cells) => cells.length === 0),
  );
}

const numbers = (cell = ''): number[] => (cell.match(/\d+/g) ?? []).map(Number);
const ascending = (list: Iterable<number>): number[] => [...list].toSorted((a, b) => a - b);
const names = (cell = ''): string[] => cell.match(/[A-Za-z]+/g) ?? [];

/** What a record of this id becomes. */
function mapped(events: typeof SECURITY_EVENTS | typeof SYSMON_EVENTS, eventId: number): CanonicalEvent {
  const json = { EventID: eventId, Hostname: 'a', '@timestamp': '2020-01-01T00:00:00Z' };
  const record = windowsRecord(json, UTC);
  const map = events.get(eventId);
  if (typeof record === 'string' || map === undefined) throw new Error(`${eventId} cannot be read`);
  return map(record, () => {}, { dataset: 'test', record: 1, uid: '' });
}

function actions(events: typeof SECURITY_EVENTS | typeof SYSMON_EVENTS, type: 'auth' | 'process'): string[] {
  return [...events.keys()].flatMap((id) => {
    const event = mapped(events, id);
    return event.type === type ? [`${id} ${event.action}`] : [];
  });
}

describe('docs/events.md says which Windows events are read', () => {
  const auth = table(EVENTS, '`action`', 'OCSF `activity_id`', 'Windows event');
  const process = table(EVENTS, '`action`', 'Windows event', 'Sysmon event');
  const listed = (rows: string[][], column: number): string[] =>
    rows.flatMap((cells) => numbers(cells[column]).map((id) => `${id} ${names(cells[0]).join(' ')}`));

  it('authentications', () => {
    expect(listed(auth, 2).toSorted()).toEqual(actions(SECURITY_EVENTS, 'auth').toSorted());
  });

  it('processes, of both channels', () => {
    expect(listed(process, 1).toSorted()).toEqual(actions(SECURITY_EVENTS, 'process').toSorted());
    expect(listed(process, 2).toSorted()).toEqual(actions(SYSMON_EVENTS, 'process').toSorted());
  });

  it('flows: Sysmon 3 alone', () => {
    expect(EVENTS).toContain('it is Sysmon 3.');
    const flows = [...SYSMON_EVENTS.keys()].filter((id) => mapped(SYSMON_EVENTS, id).type === 'flow');
    expect(flows).toEqual([3]);
  });

  it('logon types', () => {
    const rows = table(EVENTS, '`logonType`', 'Windows logon type');
    expect(rows.map((cells) => names(cells[0]).join('')).toSorted()).toEqual([...LOGON_TYPES].toSorted());
    const said = rows
      .filter((cells) => cells[0] !== '`Unknown`')
      .flatMap((cells) => numbers(cells[1]).map((n) => `${n} ${names(cells[0]).join('')}`));
    const read = Array.from({ length: 100 }, (_, n) => `${n} ${logonType(String(n))}`);
    expect(said.toSorted()).toEqual(read.filter((text) => !text.endsWith('Unknown')).toSorted());
  });
});

it("datasets/README.md's table names every event that is read and no other", () => {
  const cells = table(README, 'event', 'becomes').map(([first = '']) => first.split('Sysmon'));
  const ids = (part: number): number[] => ascending(cells.flatMap((cell) => numbers(cell[part])));
  expect(ids(0)).toEqual(ascending(SECURITY_EVENTS.keys()));
  expect(ids(1)).toEqual(ascending(SYSMON_EVENTS.keys()));
});
