import { expect, it } from 'vitest';
import { checkHistories } from '../simulation/exact-sum.ts';

it('5,000 histories of drop-outs, duplicates, reorderings, bad shares and wrong answers: what is published is the exact sum of S', async () => {
  const ends = await checkHistories(5000, 102);
  // Every kind of end is worth nothing if it is not reached.
  expect(ends.published).toBeGreaterThan(1500);
  expect(ends.failed).toBeGreaterThan(1000);
  expect(ends.withAbsence).toBeGreaterThan(1000);
  expect(ends.corrected).toBeGreaterThan(100);
  expect(ends.without).toBeGreaterThan(100);
  expect(ends.refusedComplaints).toBeGreaterThan(100);
  expect(ends.stopped).toBeGreaterThan(20);
});
