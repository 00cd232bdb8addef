import { expect, it } from 'vitest';
import { toBytes } from '../../participant/live/stream-state.ts';
import { SitePipeline } from '../../participant/telemetry/site-pipeline.ts';

it('more names than one string of the engine holds are no obstacle', () => {
  // As many as the tables take, with a length that no host has and somebody can write.
  const recorders = Array.from({ length: 1_000_000 }, () => 'n'.repeat(512));
  const addresses = recorders.slice(0, 100_000).map((name): [string, string] => [name, name]);
  const sinks = { twin: { apply: () => undefined }, learner: { add: () => null } };
  const { seen, ...rest } = new SitePipeline(sinks).snapshot();
  const state = {
    pipeline: { ...rest, seen, names: { recorders, addresses } },
    follower: { books: [], lanes: [], ahead: 0 },
  };
  expect(() => JSON.stringify(state)).toThrow(RangeError);
  expect(
    toBytes({ ...state, counts: new Uint8Array(), features: 'edge-v1', alerts: null }).length,
  ).toBeGreaterThan(600_000_000);
});
