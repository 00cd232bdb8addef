import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import type { LogStep } from '../../test/crypto-federation.ts';
import { mutationsOf } from '../../test/mutate.ts';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { appendEntry, EMPTY_LOG, headOf, LogVerifier, verifyEntry } from './log.ts';
import type { SignedLogEntry } from './log.ts';

const federation = new TestFederation(4);
const { roster, coordinator } = federation;
const round = federation.round(1);
const steps = Array.from({ length: 6 }, (_, i): LogStep => [
  'task',
  { run: `run-${i}`, taskHash: 'x', task: {} },
]);
const log = round.log(...steps);

function follow(entries: readonly SignedLogEntry[]): LogVerifier {
  const verifier = new LogVerifier(p, roster);
  for (const entry of entries) verifier.accept(entry);
  return verifier;
}

describe('LogVerifier', () => {
  it('follows an honest log to its head, from the start and from any head in between', () => {
    const last = log.at(-1);
    expect(follow(log).head).toEqual({ size: log.length, hash: last?.hash });
    for (const [i, entry] of log.entries()) {
      const resumed = new LogVerifier(p, roster, headOf(entry));
      for (const later of log.slice(i + 1)) resumed.accept(later);
      expect(resumed.head.size).toBe(log.length);
    }
  });

  it('rejects every reordering, omission and repetition', () => {
    const order = fc.array(fc.nat(log.length - 1), { minLength: 1, maxLength: log.length + 2 });
    fc.assert(
      fc.property(order, (indices) => {
        const entries = indices.flatMap((i) => log[i] ?? []);
        const honest = indices.every((index, place) => index === place);
        if (honest) expect(follow(entries).head.size).toBe(entries.length);
        else expect(() => follow(entries)).toThrow('LOG_INVALID');
      }),
      { numRuns: 300 },
    );
  });

  it('rejects any change in any entry, and keeps its head', () => {
    const verifier = follow(log.slice(0, 3));
    const next = log[3];
    if (next === undefined) throw new Error('no entry');
    fc.assert(
      fc.property(mutationsOf(next), (forged) => {
        const before = verifier.head;
        expect(() => verifier.accept(forged as unknown as SignedLogEntry)).toThrow('_INVALID');
        expect(verifier.head).toEqual(before);
      }),
      { numRuns: 300 },
    );
    expect(verifier.accept(next).size).toBe(4);
  });

  it('rejects a fork: another entry in the same place, signed by the coordinator itself', () => {
    const [genesis, first] = log;
    if (!genesis || !first) throw new Error('no log');
    const fork = appendEntry(p, coordinator.sign, headOf(genesis), {
      time: 1,
      kind: 'task',
      body: { run: 'x' },
    });
    const after = appendEntry(p, coordinator.sign, headOf(fork), { time: 2, kind: 'finish', body: {} });
    const verifier = follow([genesis, first]);
    expect(() => verifier.accept(fork)).toThrow('LOG_INVALID');
    expect(() => verifier.accept(after)).toThrow('LOG_INVALID');
    expect(follow([genesis, fork, after]).head.size).toBe(3);
  });

  it('rejects an entry that somebody else signed', () => {
    const forged = appendEntry(p, federation.key('org-1').sign, headOf(log[0] as SignedLogEntry), {
      time: 1,
      kind: 'task',
      body: {},
    });
    expect(() => follow(log.slice(0, 1)).accept(forged)).toThrow('SIGNATURE_INVALID');
  });

  it.each([
    ['another consortium', { consortium: 'other' }],
    ['another roster', { rosterHash: '0'.repeat(64) }],
    ['another coordinator', { coordinatorKey: federation.key('org-1').publicKey }],
    ['an additional field', { extra: 1 }],
  ])('rejects a genesis of %s', (_, change) => {
    const body = { ...log[0]?.entry.body, ...change };
    const genesis = appendEntry(p, coordinator.sign, EMPTY_LOG, { time: 0, kind: 'genesis', body });
    expect(() => follow([genesis])).toThrow('LOG_INVALID');
  });

  it('rejects a log without genesis and a second genesis', () => {
    const genesis = log[0] as SignedLogEntry;
    const orphan = appendEntry(p, coordinator.sign, EMPTY_LOG, { time: 0, kind: 'task', body: {} });
    expect(() => follow([orphan])).toThrow('LOG_INVALID');
    const { body } = genesis.entry;
    const second = appendEntry(p, coordinator.sign, headOf(genesis), { time: 1, kind: 'genesis', body });
    expect(() => follow([genesis, second])).toThrow('LOG_INVALID');
  });
});

describe('verifyEntry', () => {
  it('checks a receipt on its own', () => {
    const receipt = log[2] as SignedLogEntry;
    expect(() => verifyEntry(p, receipt, roster.coordinatorKey)).not.toThrow();
    expect(() => verifyEntry(p, receipt, federation.key('org-1').publicKey)).toThrow('SIGNATURE_INVALID');
    const other = { ...receipt, signature: log[1]?.signature ?? '' };
    expect(() => verifyEntry(p, other, roster.coordinatorKey)).toThrow('SIGNATURE_INVALID');
  });
});
