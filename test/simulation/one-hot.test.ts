import { describe, it } from 'vitest';
import { checkHistories, expectEveryEnd } from './exact-sum.ts';

describe('whole rounds with real cryptography over generated histories', () => {
  it('300 histories of drop-outs, duplicates, reorderings, bad shares and wrong answers: what is published is the exact sum of S', async () => {
    const ends = await checkHistories(300, 3);
    expectEveryEnd(ends, {
      published: 100,
      failed: 50,
      withAbsence: 50,
      corrected: 5,
      without: 5,
      refusedComplaints: 5,
      stopped: 2,
    });
  }, 900_000);
});
