import { expect, it } from 'vitest';
import { checkHistories } from '../simulation/exact-sum.ts';

it('5,000 histories of drop-outs, duplicates, reorderings and wrong answers: what is published is the exact sum of S', async () => {
  const { published, failed, withAccidents, corrected, without } = await checkHistories(5000, 101);
  expect(published).toBeGreaterThan(2000);
  expect(failed).toBeGreaterThan(1000);
  expect(withAccidents).toBeGreaterThan(1000);
  expect(corrected).toBeGreaterThan(100);
  expect(without).toBeGreaterThan(100);
});
