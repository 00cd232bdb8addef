import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import type { LogStep } from '../../test/crypto-federation.ts';
import { mutationsOf } from '../../test/mutate.ts';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { SigningKey } from '../identity/signing-key.ts';
import { LogVerifier } from './log-verifier.ts';
import { appendEntry, EMPTY_LOG, headOf, verifyEntry } from './log.ts';
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
  const verifier = new LogVerifier(p, federation.chain);
  for (const entry of entries) verifier.accept(entry);
  return verifier;
}

describe('LogVerifier', () => {
  it('follows an honest log to its head, from the start and from any head in between', () => {
    const last = log.at(-1);
    expect(follow(log).head).toEqual({ size: log.length, hash: last?.hash });
    for (const [i, entry] of log.entries()) {
      const resumed = new LogVerifier(p, federation.chain, headOf(entry));
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

describe('acceptAll', () => {
  const batch = log.slice(1);

  it('takes a batch as one by one, from any head in between', () => {
    for (let cut = 0; cut <= log.length; cut++) {
      const verifier = new LogVerifier(p, federation.chain);
      verifier.acceptAll(log.slice(0, cut));
      verifier.acceptAll(log.slice(cut));
      expect(verifier.head).toEqual(follow(log).head);
    }
    expect(follow(log).acceptAll([])).toEqual(follow(log).head);
  });

  it('verifies one signature a batch', () => {
    let verified = 0;
    const counting = {
      ...p,
      verifyEd25519: (...args: Parameters<typeof p.verifyEd25519>) => {
        verified += 1;
        return p.verifyEd25519(...args);
      },
    };
    new LogVerifier(counting, federation.chain).acceptAll(log);
    expect(verified).toBe(1);
  });

  it('refuses any change of any entry or hash, and of the last signature, and keeps its head', () => {
    // The signatures in between say nothing that the last one does not say; what they cover is in entry and hash.
    const covered = {
      signed: batch.map(({ entry, hash }) => ({ entry, hash })),
      last: batch.at(-1)?.signature ?? '',
    };
    const verifier = follow(log.slice(0, 1));
    const { head } = verifier;
    fc.assert(
      fc.property(mutationsOf(covered), (forged) => {
        const { signed, last } = forged as unknown as typeof covered;
        const entries = Array.isArray(signed)
          ? signed.map((one, i) => ({
              ...one,
              signature: i === signed.length - 1 ? last : (batch[i]?.signature ?? ''),
            }))
          : [];
        fc.pre(entries.length > 0 && Object.keys(forged as object).length === 2);
        // A batch that ends early is no change, only a shorter one; it needs the signature of its own last entry.
        expect(() => verifier.acceptAll(entries)).toThrow('_INVALID');
        expect(verifier.head).toEqual(head);
      }),
      { numRuns: 400 },
    );
    expect(verifier.acceptAll(batch).size).toBe(log.length);
  });

  it('refuses a batch with one entry missing, twice, out of order or of another log, and keeps its head', () => {
    const other = round.log(...steps.slice(0, 2), ['task', { run: 'other' }], ...steps.slice(3));
    for (let i = 0; i < batch.length - 1; i++) {
      const [here, next] = [batch[i], batch[i + 1]];
      if (!here || !next) throw new Error('no entry');
      for (const middle of [[], [next], [here, here, next], [next, here], [other[i + 2] ?? here, next]]) {
        if (middle.length === 1 && i === batch.length - 2) continue;
        const forged = [...batch.slice(0, i), ...middle, ...batch.slice(i + 2)];
        const verifier = follow(log.slice(0, 1));
        if (forged.every((one, place) => one.hash === batch[place]?.hash)) continue;
        expect(() => verifier.acceptAll(forged)).toThrow('_INVALID');
        expect(verifier.head.size).toBe(1);
      }
    }
  });

  it('refuses a batch that a stranger wrote to its end', () => {
    const genuine = log.slice(0, 3);
    const head = headOf(genuine[2] as SignedLogEntry);
    const { sign } = federation.key('org-1');
    const forged = appendEntry(p, sign, head, { time: 1, kind: 'task', body: {} });
    expect(() => new LogVerifier(p, federation.chain).acceptAll([...genuine, forged])).toThrow(
      'SIGNATURE_INVALID',
    );
  });
});

describe('roster epochs in the log', () => {
  const after = federation.next(5);
  const opened = after.round(1).log(...steps);
  const verifierOf = (chain = after.chain) => new LogVerifier(p, chain);
  /** A log that goes on after `log`, signed by anybody. */
  const goOn = (by: typeof coordinator, ...more: readonly LogStep[]) => {
    const entries = [...log];
    for (const [kind, body] of more) {
      const head = headOf(entries.at(-1) as SignedLogEntry);
      entries.push(appendEntry(p, by.sign, head, { time: 9, kind, body }));
    }
    return entries;
  };
  const [, entry] = after.opening();
  if (!entry) throw new Error('no epoch');
  const [, body] = entry;

  it('the roster changes at the entry of an epoch that members signed, and at no other', () => {
    const verifier = verifierOf();
    verifier.acceptAll(opened.slice(0, 1));
    expect(verifier.roster).toEqual(federation.roster);
    verifier.accept(opened[1] as SignedLogEntry);
    expect(verifier.roster).toEqual(after.roster);
    expect(verifier.acceptAll(opened.slice(2)).size).toBe(opened.length);
  });

  it('an epoch that is not known is refused until it is learned, and a forked chain is not learned', () => {
    const verifier = verifierOf(federation.chain);
    expect(() => verifier.acceptAll(opened)).toThrow('EPOCH_INVALID');
    expect(verifier.head).toEqual(EMPTY_LOG);
    verifier.learn(after.chain);
    expect(() => verifier.learn(federation.next(6).chain)).toThrow('EPOCH_INVALID');
    expect(verifier.acceptAll(opened).size).toBe(opened.length);
  });

  it.each([
    ['another roster', { ...body, rosterHash: '1'.repeat(64) }],
    ['another one before it', { ...body, previous: '1'.repeat(64) }],
    ['a later number', { ...body, epoch: 2 }],
    ['the number of the present one', { ...body, epoch: 0 }],
    ['a field more', { ...body, extra: 1 }],
  ])('an entry with %s is refused', (_, changed) => {
    expect(() => verifierOf().acceptAll(goOn(coordinator, ['epoch', changed]))).toThrow('EPOCH_INVALID');
  });

  it('an epoch is entered once', () => {
    expect(() => verifierOf().acceptAll(goOn(coordinator, entry, entry))).toThrow('EPOCH_INVALID');
  });

  it('with a new coordinator key the log goes on under that key, and the old one cannot write in it any more', () => {
    const successor = SigningKey.generate();
    const handed = federation.next(4, { coordinatorKey: successor.publicKey });
    const [, change] = handed.opening();
    if (!change) throw new Error('no epoch');
    const verify = (entries: readonly SignedLogEntry[]) => verifierOf(handed.chain).acceptAll(entries);
    expect(verify(goOn(successor, change, ['task', { run: 'a' }])).size).toBe(log.length + 2);
    expect(() => verify(goOn(coordinator, change))).toThrow('SIGNATURE_INVALID');
    const entered = goOn(successor, change);
    const late = appendEntry(p, coordinator.sign, headOf(entered.at(-1) as SignedLogEntry), {
      time: 9,
      kind: 'task',
      body: {},
    });
    expect(() => verify([...entered, late])).toThrow('SIGNATURE_INVALID');
  });

  it('a new coordinator cannot vouch for entries of the old one that the old one did not sign', () => {
    const successor = SigningKey.generate();
    const handed = federation.next(4, { coordinatorKey: successor.publicKey });
    const [, change] = handed.opening();
    if (!change) throw new Error('no epoch');
    const forged = goOn(successor, ['task', { run: 'never' }], change);
    expect(() => verifierOf(handed.chain).acceptAll(forged)).toThrow('SIGNATURE_INVALID');
    const verifier = verifierOf(handed.chain);
    verifier.acceptAll(log);
    expect(() => verifier.acceptAll(forged.slice(log.length))).toThrow('SIGNATURE_INVALID');
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
