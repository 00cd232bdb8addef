import { it } from 'vitest';
import { playFiveThousand } from './histories.ts';

it('5,000 histories of drop-outs, duplicates, reorderings, bad shares and wrong answers: what is published is the exact sum of S', () =>
  playFiveThousand(102));
