import { describe, expect, it } from 'vitest';
import { checkHistories } from './exact-sum.ts';

describe('whole rounds with real cryptography over generated histories', () => {
  it('300 histories of drop-outs, duplicates, reorderings and wrong answers: what is published is the exact sum of S', async () => {
    const { published, failed, withAccidents, corrected, without } = await checkHistories(300, 3);
    // Every kind of end is worth nothing if it is not reached.
    expect(published).toBeGreaterThan(100);
    expect(failed).toBeGreaterThan(50);
    expect(withAccidents).toBeGreaterThan(50);
    expect(corrected).toBeGreaterThan(5);
    expect(without).toBeGreaterThan(5);
  }, 300_000);
});
