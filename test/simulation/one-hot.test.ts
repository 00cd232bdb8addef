import { describe, expect, it } from 'vitest';
import { checkHistories } from './exact-sum.ts';

describe('whole rounds with real cryptography over generated histories', () => {
  it('300 histories of drop-outs, duplicates, reorderings, bad shares and wrong answers: what is published is the exact sum of S', async () => {
    const ends = await checkHistories(300, 3);
    // Every kind of end is worth nothing if it is not reached.
    expect(ends.published).toBeGreaterThan(100);
    expect(ends.failed).toBeGreaterThan(50);
    expect(ends.withAbsence).toBeGreaterThan(50);
    expect(ends.corrected).toBeGreaterThan(5);
    expect(ends.without).toBeGreaterThan(5);
    expect(ends.refusedComplaints).toBeGreaterThan(5);
    expect(ends.stopped).toBeGreaterThan(2);
  }, 900_000);
});
