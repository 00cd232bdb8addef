import { expect, it } from 'vitest';
import { sumOfMany } from './many.ts';

it('50 members, 5 without an upload, 3 silent committee members and a wrong answer: the sum is exact, the liar named', async () => {
  const { opened, expected, contributors, named } = await sumOfMany(50);
  expect(contributors).toBe(45);
  expect(opened).toEqual(expected);
  expect(named).toEqual(['org-8']);
}, 60_000);
