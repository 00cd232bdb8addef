import { expect, it } from 'vitest';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';
import { AT } from '../../../participant/features/edge-v1.ts';
import { FeatureExtractor } from '../../../participant/features/extractor.ts';
import { Lines, strangerOf } from './lines.ts';

const newIn = (row: Float32Array | null): number =>
  (row?.[AT.edgeNew] ?? 0) + (row?.[AT.accountDestinationNew] ?? 0) + (row?.[AT.accountSourceNew] ?? 0);

it('the lines of the bench: all that is usual is in the history, and every stranger is newer than a visit', () => {
  const lines = new Lines(100);
  const extractor = new FeatureExtractor();
  const push = (line: string) => extractor.push(JSON.parse(line) as AuthEvent);
  const days = 3;
  const until = 20_000 * 86_400_000;
  const rows = [...lines.history(until, days)].map((line) => newIn(push(line)));
  // The first hour makes everything known; then there are visits alone.
  expect(Math.max(...rows.slice(300))).toBe(1);
  expect(rows.slice(300).filter((row) => row > 0)).toHaveLength(5 * days);
  for (let i = 0; i < 500; i++) expect(newIn(push(lines.usual(until)))).toBe(0);
  for (let i = 0; i < 50; i++) expect(newIn(push(lines.stranger(until, i)))).toBeGreaterThan(1);
  expect([strangerOf('stranger-17'), strangerOf('desk-1')]).toEqual([17, null]);
});
