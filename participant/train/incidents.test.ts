import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logon } from '../../test/auth-event.ts';
import { statement } from '../../test/statement.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { type Label, type Statement, makeLabel } from '../labels/label.ts';
import { type Incident, IncidentIndex } from './incidents.ts';

const label = (said: Partial<Statement>): Label => makeLabel(statement(said), { by: 'ann', at: 1 });

/** Every label and row is looked at for every event; the definition, without any index. */
function plainScan(rows: readonly Incident[], labels: readonly Label[], event: AuthEvent): string | null {
  const accounts = new Set([event.srcAccount, event.dstAccount]);
  const means = (one: Label): boolean =>
    one.uid === null
      ? (one.from ?? 0) <= event.time &&
        event.time < (one.to ?? 0) &&
        (one.account === null || accounts.has(one.account)) &&
        (one.source === null || one.source === event.srcHost) &&
        (one.destination === null || one.destination === event.dstHost)
      : one.uid === event.source.uid;
  if (labels.some((one) => one.verdict === 'benign' && means(one))) return null;
  const second = Math.floor(event.time / 1000);
  const found = [
    ...rows
      .filter(
        (row) =>
          Math.floor(row.time / 1000) === second &&
          accounts.has(row.account) &&
          row.srcHost === event.srcHost &&
          row.dstHost === event.dstHost,
      )
      .map(({ campaign }) => ({ from: second * 1000, id: '', campaign })),
    ...labels
      .filter((one) => one.verdict === 'malicious' && means(one))
      .map(({ from, id, campaign }) => ({ from: from ?? -Infinity, id, campaign })),
  ];
  const first = Math.min(...found.map(({ from }) => from));
  const begun = found.filter(({ from }) => from === first);
  const id = begun.map((one) => one.id).toSorted()[0];
  return (
    begun
      .filter((one) => one.id === id)
      .map(({ campaign }) => campaign)
      .toSorted()[0] ?? null
  );
}

const named = fc.constantFrom('a', 'b', 'c');
const orAny = fc.option(named, { nil: null });
const moment = fc.nat(4000);
const statements = fc.oneof(
  { weight: 9, arbitrary: fc.record({ account: orAny, source: orAny, destination: orAny }) },
  { weight: 1, arbitrary: fc.record({ uid: named }).map((own) => ({ ...own, from: null, to: null })) },
);
const labels = fc.array(
  fc
    .tuple(statements, moment, fc.integer({ min: 1, max: 3000 }), fc.boolean(), named)
    .map(([said, from, long, malicious, campaign]): Partial<Statement> => ({
      from,
      to: from + long,
      campaign,
      verdict: malicious ? 'malicious' : 'benign',
      ...said,
    }))
    .filter(
      (said) => 'uid' in said || [said.account, said.source, said.destination].some((name) => name !== null),
    )
    .map(label),
  { maxLength: 12 },
);
const rows = fc.array(
  fc.record({ time: moment, account: named, srcHost: named, dstHost: named, campaign: named }),
  { maxLength: 6 },
);
const events = fc
  .record({ time: moment, srcHost: named, dstHost: named, srcAccount: named, dstAccount: named, uid: named })
  .map(({ uid, ...fields }) => logon(0, '', '', '', { ...fields, source: { dataset: 't', record: 0, uid } }));

describe('the index of incidents', () => {
  it('says of every event what looking at all rows and labels says', () => {
    fc.assert(
      fc.property(rows, labels, fc.array(events, { minLength: 20, maxLength: 20 }), (known, given, list) => {
        const index = new IncidentIndex(known, given);
        for (const event of list) expect(index.campaignOf(event)).toBe(plainScan(known, given, event));
      }),
      { numRuns: 1000 },
    );
  });

  it('does not depend on the order of rows and labels', () => {
    fc.assert(
      fc.property(rows, labels, events, (known, given, event) => {
        expect(new IncidentIndex(known.toReversed(), given.toReversed()).campaignOf(event)).toBe(
          new IncidentIndex(known, given).campaignOf(event),
        );
      }),
    );
  });

  it('takes the first moment of an interval and leaves its end out', () => {
    const index = new IncidentIndex([], [label({ from: 1000, to: 2000, source: 'x' })]);
    const at = (time: number): string | null => index.campaignOf(logon(0, 'x', 'y', 'u', { time }));
    expect([999, 1000, 1999, 2000].map(at)).toEqual([null, 'c', 'c', null]);
  });

  it('lets an interval be found behind many that have begun later and ended sooner', () => {
    const long = label({ from: 0, to: 1e9, account: 'u', campaign: 'long' });
    const short = Array.from({ length: 500 }, (_, i) =>
      label({ from: 10 + 10 * i, to: 15 + 10 * i, account: 'u', campaign: `short ${i}` }),
    );
    const early = label({ from: 0, to: 5, account: 'u', campaign: 'early' });
    const index = new IncidentIndex([], [...short, early, long]);
    const at = (time: number): string | null => index.campaignOf(logon(0, 'x', 'y', 'u', { time }));
    expect([2, 7, 2012, 1e9 - 1].map(at)).toEqual([
      early.id < long.id ? 'early' : 'long',
      'long',
      'long',
      'long',
    ]);
    expect(at(1e9)).toBeNull();
  });

  it('a benign label takes an exact row out, and nothing else of its campaign', () => {
    const row = { time: 7000, account: 'u', srcHost: 'x', dstHost: 'y', campaign: 'c' };
    const index = new IncidentIndex(
      [row, { ...row, dstHost: 'z' }],
      [label({ from: 0, to: 10_000, destination: 'y', verdict: 'benign' })],
    );
    expect(index.campaignOf(logon(0, 'x', 'y', 'u', { time: 7400 }))).toBeNull();
    expect(index.campaignOf(logon(0, 'x', 'z', 'u', { time: 7400 }))).toBe('c');
  });
});
