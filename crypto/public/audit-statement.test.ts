import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { auditDuty, auditOrder } from './audit-order.ts';
import {
  type AuditStatement,
  auditCoverage,
  auditorsNeeded,
  verifyAuditStatement,
} from './audit-statement.ts';
import { signFields } from './signed.ts';

const federation = new TestFederation(5);
const round = federation.round(3, { length: 100_000 });
const CHUNKS = 9;
const sum = {
  transcript: round.transcript,
  transcriptHash: round.hash,
  setHash: 'a'.repeat(64),
  sumRoot: 'b'.repeat(64),
};
const statement = (changes: Partial<AuditStatement> = {}, signer = 'org-2') =>
  signFields(federation.key(signer).sign, 'cordon/v1/audit', {
    consortium: 'test',
    epoch: 0,
    round: 3,
    member: 'org-2',
    transcriptHash: round.hash,
    setHash: sum.setHash,
    sumRoot: sum.sumRoot,
    from: 0,
    to: CHUNKS,
    ...changes,
  });
const verify = (one: AuditStatement) => () => verifyAuditStatement(p, one, sum, federation.roster);

describe('audit statements', () => {
  it('of a member about this very sum are taken', () => {
    expect(verify(statement())).not.toThrow();
    expect(verify(statement({ from: 3, to: 4 }))).not.toThrow();
  });

  it.each<[string, Partial<AuditStatement>]>([
    ['another round', { round: 4 }],
    ['another epoch', { epoch: 9 }],
    ['another consortium', { consortium: 'other' }],
    ['another transcript', { transcriptHash: 'c'.repeat(64) }],
    ['another set', { setHash: 'c'.repeat(64) }],
    ['another sum', { sumRoot: 'c'.repeat(64) }],
    ['no chunk', { from: 4, to: 4 }],
    ['chunks in reverse', { from: 5, to: 4 }],
    ['a chunk that the vector does not have', { to: CHUNKS + 1 }],
    ['half a chunk', { from: 0.5 }],
    ['a field that nobody knows', { extra: 1 } as object],
  ])('about %s are refused', (_what, changes) => {
    expect(verify(statement(changes))).toThrow('AUDIT_INVALID');
  });

  it('of a stranger, or signed by somebody else, are refused', () => {
    expect(verify(statement({ member: 'stranger' }))).toThrow('ROSTER_INVALID');
    expect(verify(statement({}, 'org-3'))).toThrow('SIGNATURE_INVALID');
    expect(verify({ ...statement(), from: 1 })).toThrow('SIGNATURE_INVALID');
  });
});

const range = fc
  .tuple(fc.nat(20), fc.nat(20))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const signed = fc
  .record({ member: fc.constantFrom('a', 'b', 'c', 'd'), range })
  .map(({ member, range: { from, to } }) => ({ member, from, to }));

describe('coverage', () => {
  it('is what counting the members of every chunk one by one gives', () => {
    fc.assert(
      fc.property(
        fc.array(signed, { maxLength: 12 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 4 }),
        (statements, chunks, needed) => {
          const lacking = new Set(
            auditCoverage(statements, chunks, needed).flatMap(({ from, to, members }) =>
              Array.from({ length: to - from }, (_, i) => `${from + i} ${members.toSorted().join()}`),
            ),
          );
          const counted = new Set(
            Array.from({ length: chunks }, (_, chunk) => {
              const members = new Set(
                statements.filter(({ from, to }) => from <= chunk && chunk < to).map(({ member }) => member),
              );
              return members.size < needed ? `${chunk} ${[...members].toSorted().join()}` : '';
            }).filter((text) => text !== ''),
          );
          expect(lacking).toEqual(counted);
        },
      ),
    );
  });

  it('never counts a member twice, however often and in however many pieces it signs', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 20 }), (ranges) => {
        const alone = ranges.map(({ from, to }) => ({ member: 'a', from, to }));
        const all = [...alone, { member: 'a', from: 0, to: 20 }, { member: 'a', from: 0, to: 20 }];
        expect(auditCoverage(all, 20, 2).reduce((sum_, { from, to }) => sum_ + to - from, 0)).toBe(20);
      }),
    );
  });

  it("is complete with everybody's duty done, in any order, and not with any one of them missing", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 20 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(),
        (n, chunks, cRoster, pick) => {
          const needed = Math.min(n - 1, auditorsNeeded({ cRoster }));
          const order = auditOrder(
            p,
            round.hash,
            Array.from({ length: n }, (_, i) => `m${i}`),
          );
          const all = order.flatMap((member) =>
            auditDuty(order, chunks, needed, member).map((one) => ({ member, ...one })),
          );
          expect(auditCoverage(all, chunks, needed)).toEqual([]);
          expect(auditCoverage(all.toReversed(), chunks, needed)).toEqual([]);
          const missing = pick % all.length;
          expect(auditCoverage(all.toSpliced(missing, 1), chunks, needed)).not.toEqual([]);
        },
      ),
    );
  });
});
