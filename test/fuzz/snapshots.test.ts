import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { PeriodCounts } from '../../participant/analytics/period-counts.ts';
import { FeatureExtractor } from '../../participant/features/extractor.ts';
import { DIGEST_BYTES } from '../../participant/snapshot/snapshot-writer.ts';
import { TwinGraph } from '../../participant/twin/twin-graph.ts';
import { CordonError } from '../../protocol/errors.ts';
import { logon } from '../auth-event.ts';
import { Dice } from './mutate-bytes.ts';

const LIMITS = { hosts: 40, accounts: 40, pairs: 100 };

function kept() {
  const [twin, features, counts] = [new TwinGraph(), new FeatureExtractor(LIMITS), new PeriodCounts()];
  for (let i = 0; i < 300; i++) {
    const event = logon(i * 1000, `h${i % 30}`, `h${i % 17}`, `u${i % 20}@x`);
    twin.apply(event);
    features.push(event);
    counts.add(event, true);
  }
  return { twin: twin.snapshot(), features: features.snapshot(), counts: counts.snapshot() };
}

const RESTORE: Record<keyof ReturnType<typeof kept>, (bytes: Uint8Array) => unknown> = {
  twin: (bytes) => TwinGraph.restore(bytes).snapshot(),
  features: (bytes) => FeatureExtractor.restore(bytes, LIMITS).snapshot(),
  counts: (bytes) => new PeriodCounts().restore(bytes),
};

/** A few bytes are others, and the digest at the end is right: as whoever writes to the state folder can make it. */
function forged(snapshot: Uint8Array, seed: number): Uint8Array {
  const dice = new Dice(seed);
  const bytes = Buffer.from(snapshot);
  const head = bytes.indexOf('\n') + 1;
  const end = bytes.length - DIGEST_BYTES;
  for (let i = dice.below(3); i >= 0; i--) {
    const at = head + dice.below(dice.of([200, end - head]));
    const byte = bytes[at] ?? 0;
    bytes[at] = dice.of([0, 255, 0x7f, 0x80, byte ^ (1 << dice.below(8)), dice.below(256)]);
  }
  createHash('sha256').update(bytes.subarray(0, end)).digest().copy(bytes, end);
  return bytes;
}

it.each(['twin', 'features', 'counts'] as const)(
  'a forged snapshot of %s is taken or refused with ENCODING_INVALID, and nothing else',
  (kind) => {
    const snapshot = kept()[kind];
    let refused = 0;
    for (let seed = 0; seed < 1000; seed++) {
      try {
        RESTORE[kind](forged(snapshot, seed));
      } catch (error) {
        if (!(error instanceof CordonError)) throw error;
        expect(error.code).toBe('ENCODING_INVALID');
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
  },
);
