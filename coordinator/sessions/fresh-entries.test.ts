import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode } from '../../protocol/codec/codec.ts';
import { CODEC_LIMITS } from '../../protocol/codec/limits.ts';
import { MAX_NAMED, PUSH_LIMITS, ServerMessage, type State } from '../../protocol/messages/control.ts';
import type { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import { logOf } from '../../test/followed-log.ts';
import { FreshEntries } from './fresh-entries.ts';

/** As long as a state can be without entries. */
const LONGEST: State = {
  type: 'state',
  phase: 'advertising',
  run: 'run-0123456789abcdef',
  round: 2 ** 31 - 1,
  step: Number.MAX_SAFE_INTEGER,
  steps: Number.MAX_SAFE_INTEGER,
  logSize: Number.MAX_SAFE_INTEGER,
  done: Number.MAX_SAFE_INTEGER,
  expected: Number.MAX_SAFE_INTEGER,
  waitingFor: Array.from({ length: MAX_NAMED }, (_, i) => `${String(i).padStart(2, '0')}${'x'.repeat(61)}`),
};

const ABORT = logOf(1)[1] as SignedLogEntryMessage;
/** An entry with so many characters in three texts. */
function aborting(index: number, characters: number): SignedLogEntryMessage {
  if (ABORT.entry.kind !== 'abort') throw new Error('no abort');
  const text = 'x'.repeat(characters);
  const body = { ...ABORT.entry.body, expected: text, got: text, next: text };
  return { ...ABORT, entry: { ...ABORT.entry, index, body } };
}

/** Uploads of a committee as large as it may be: the entries with the most values. */
function uploading(count: number): SignedLogEntryMessage[] {
  const round = new TestFederation(15).round(1);
  const steps = Array.from({ length: count }, () => round.upload(round.manifest('org-1')));
  return round.log(...steps).slice(1) as unknown as SignedLogEntryMessage[];
}

describe('entries that nobody has been sent', () => {
  it('are given out once and in order, never more than one message may bring', () => {
    const uploads = uploading(8);
    const entry = fc.oneof(
      fc.nat({ max: 1024 }).map((characters) => aborting(1, characters)),
      fc.constantFrom(...uploads),
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 200 }), (entries) => {
        const fresh = new FreshEntries();
        const given: SignedLogEntryMessage[] = [];
        const take = () => {
          const message = encode({ ...LONGEST, entries: fresh.take() });
          expect(message.length).toBeLessThan(0.8 * CODEC_LIMITS.maxBytes);
          const decoded = decode(ServerMessage, message);
          if (decoded.type === 'state') given.push(...(decoded.entries ?? []));
        };
        for (const one of entries) {
          const { length } = encode(one);
          if (fresh.add(one, length)) continue;
          take();
          expect(fresh.add(one, length)).toBe(true);
        }
        take();
        expect(given).toEqual(entries);
        expect(fresh.take()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('are bounded in number, in bytes and in values, each by itself', () => {
    const until = (entries: readonly SignedLogEntryMessage[], bytes: number) => {
      const fresh = new FreshEntries();
      return entries.findIndex((entry) => !fresh.add(entry, bytes));
    };
    const small = Array.from({ length: 200 }, (_, i) => aborting(i, 0));
    expect(until(small, 1)).toBe(PUSH_LIMITS.entries);
    expect(until(small, PUSH_LIMITS.bytes / 8)).toBe(8);
    const uploads = uploading(40);
    const refused = until(uploads, 1);
    expect(refused).toBeGreaterThan(5);
    expect(refused).toBeLessThan(40);
  });

  it('leave out one that is too large by itself', () => {
    const fresh = new FreshEntries();
    expect(fresh.add(aborting(1, 10), PUSH_LIMITS.bytes + 1)).toBe(false);
    expect(fresh.take()).toEqual([]);
  });
});
