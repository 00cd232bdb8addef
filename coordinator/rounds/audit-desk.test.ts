import { describe, expect, it } from 'vitest';
import { nodePrimitives as p } from '../../crypto/identity/node-primitives.ts';
import { type ChunkRange, auditDuty, auditOrder } from '../../crypto/public/audit-order.ts';
import type { AuditStatement } from '../../crypto/public/audit-statement.ts';
import type { Roster } from '../../crypto/public/roster.ts';
import { signFields } from '../../crypto/public/signed.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import { AuditDesk } from './audit-desk.ts';

const PATIENCE = 1000;

/** Six members, nine chunks: two auditors for each of six segments. */
function setting(members = 6, length = 9 * 12_288, bounds: Partial<Roster> = {}) {
  const federation = new TestFederation(members, bounds);
  // Its committee is of no matter here, and a thousand pairs of keys for each of fifteen are dear.
  const round = new TestFederation(3).round(1, { length });
  const sum = {
    transcript: round.transcript,
    transcriptHash: round.hash,
    setHash: 'a'.repeat(64),
    sumRoot: 'b'.repeat(64),
  };
  const ids = federation.roster.members.map(({ id }) => id);
  const order = auditOrder(p, round.hash, ids);
  const sign = (
    member: string,
    { from, to }: ChunkRange,
    changes: Partial<AuditStatement> = {},
  ): AuditStatement =>
    signFields(federation.key(member).sign, 'cordon/v1/audit', {
      consortium: 'test',
      epoch: federation.roster.epoch,
      round: 1,
      member,
      transcriptHash: round.hash,
      setHash: sum.setHash,
      sumRoot: sum.sumRoot,
      from,
      to,
      ...changes,
    });
  return {
    order,
    sign,
    desk: new AuditDesk(sum, p, federation.roster, PATIENCE),
    chunks: Math.ceil(length / 12_288),
  };
}
const everybody = () => true;

describe('the audit desk', () => {
  it('asks everybody for just what each of them works out itself, and is done when all have signed', () => {
    const { desk, order, sign, chunks } = setting();
    const wanted = desk.wanted(0, everybody);
    for (const member of order) expect(wanted.get(member)).toEqual(auditDuty(order, chunks, 2, member));
    const all = order.flatMap((member) => (wanted.get(member) ?? []).map((range) => sign(member, range)));
    for (const statement of all) {
      expect(desk.complete).toBe(false);
      expect(desk.take(statement)).toBe(true);
    }
    expect(desk.complete).toBe(true);
    expect(desk.wanted(0, everybody).size).toBe(0);
  });

  it('with one chunk asks two members, and the next in the order where one is gone or refuses', () => {
    const { desk, order } = setting(6, 100);
    expect([...desk.wanted(0, everybody).keys()]).toEqual(order.slice(0, 2));
    const [first] = order;
    expect([...desk.wanted(1, (member) => member !== first).keys()]).toEqual(order.slice(1, 3));
    // It has come back: whoever stood in goes on too.
    expect([...desk.wanted(2, everybody).keys()]).toEqual(order.slice(0, 3));
  });

  it('asks two stand-ins when an auditor takes long, and again when they do, but forgets none of them', () => {
    const { desk, order, sign } = setting(6, 100);
    desk.wanted(0, everybody);
    desk.take(sign(order[0] ?? '', { from: 0, to: 1 }));
    expect([...desk.wanted(PATIENCE - 1, everybody).keys()]).toEqual([order[1]]);
    expect([...desk.wanted(PATIENCE, everybody).keys()]).toEqual(order.slice(1, 4));
    expect([...desk.wanted(2 * PATIENCE - 1, everybody).keys()]).toEqual(order.slice(1, 4));
    expect([...desk.wanted(2 * PATIENCE, everybody).keys()]).toEqual(order.slice(1, 6));
    expect([...desk.wanted(9 * PATIENCE, everybody).keys()]).toEqual(order.slice(1, 6));
    desk.take(sign(order[1] ?? '', { from: 0, to: 1 }));
    expect(desk.complete).toBe(true);
  });

  it.each([[[0, 7, 8, 9, 10, 11]], [[0, 1, 7, 8, 9, 10]], [[0, 1, 2, 3, 4, 5]]])(
    'of fifteen, those in places %j hang on purpose: the others sign within four times',
    (places) => {
      const { desk, order, sign } = setting(15, 100, { cRoster: 6, kMin: 8 });
      const hang = new Set(places.map((place) => order[place]));
      for (let times = 0; times < 4; times++) {
        for (const member of desk.wanted(times * PATIENCE, everybody).keys())
          if (!hang.has(member)) desk.take(sign(member, { from: 0, to: 1 }));
      }
      expect(desk.complete).toBe(true);
    },
  );

  it('asks as many as there are where too few are there', () => {
    const { desk, order } = setting(6, 100);
    expect([...desk.wanted(0, (member) => member === order[4]).keys()]).toEqual([order[4]]);
    expect(desk.wanted(0, () => false).size).toBe(0);
  });

  it('takes a statement once, of anybody, and none that adds nothing', () => {
    const { desk, order, sign } = setting(6, 100);
    const [a = '', b = '', c = ''] = order.toReversed();
    expect(desk.take(sign(a, { from: 0, to: 1 }))).toBe(true);
    expect(desk.take(sign(a, { from: 0, to: 1 }))).toBe(false);
    expect(desk.complete).toBe(false);
    expect(desk.take(sign(b, { from: 0, to: 1 }))).toBe(true);
    expect(desk.take(sign(c, { from: 0, to: 1 }))).toBe(false);
  });

  it('refuses forged statements and those about another sum', () => {
    const { desk, order, sign } = setting(6, 100);
    const [a = '', b = ''] = order;
    const range = { from: 0, to: 1 };
    expect(() => desk.take({ ...sign(a, range), member: b })).toThrow('SIGNATURE_INVALID');
    expect(() => desk.take(sign(a, range, { sumRoot: 'c'.repeat(64) }))).toThrow('AUDIT_INVALID');
    expect(() => desk.take(sign(a, range, { round: 2 }))).toThrow('AUDIT_INVALID');
    expect(desk.complete).toBe(false);
  });

  it('asks a thousand members for as many segments, each chunk twice', () => {
    const { desk, order, sign, chunks } = setting(1000, 2000 * 12_288);
    const wanted = desk.wanted(0, everybody);
    expect([...wanted.values()].flat().reduce((sum, { from, to }) => sum + to - from, 0)).toBe(2 * chunks);
    for (const member of order.slice(0, 50))
      for (const range of wanted.get(member) ?? []) desk.take(sign(member, range));
    const left = [...desk.wanted(1, everybody).values()].flat();
    expect(left.reduce((sum, { from, to }) => sum + to - from, 0)).toBeLessThan(2 * chunks);
  });
});
