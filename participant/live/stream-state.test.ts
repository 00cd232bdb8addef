import { expect, it } from 'vitest';
import { HostBook } from '../../datasets/host-book.ts';
import { SitePipeline } from '../telemetry/site-pipeline.ts';
import { fromBytes, toBytes } from './stream-state.ts';

const pipeline = () => new SitePipeline({ twin: { apply: () => undefined }, learner: { add: () => null } });
const follower = { books: [], lanes: [], ahead: 3 };

it('the place in the stream comes back as it was, with names in any number of pieces', () => {
  const book = new HostBook();
  for (let i = 0; i < 50_001; i++) {
    book.learnRecorder(`pc${i}.x`);
    book.learnAddress(`10.0.${i >> 8}.${i % 256}`, `pc${i}.x`, 'x');
  }
  const seen = { old: ['a\ud800', 'b'], young: Array.from({ length: 20_000 }, (_, i) => `id ${i}`) };
  const state = {
    pipeline: { ...pipeline().snapshot(), names: book.snapshot(), seen },
    follower,
    counts: Uint8Array.of(1, 2),
    features: 'edge-v2' as const,
    alerts: null,
  };
  const back = fromBytes(toBytes(state));
  expect(back).toEqual(state);
  const restored = pipeline();
  restored.restore(back.pipeline);
  expect(restored.snapshot()).toEqual(state.pipeline);
});
