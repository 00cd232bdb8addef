import { expect, it } from 'vitest';
import { sumOfMany } from '../simulation/many.ts';

it('1,000 members, 111 without an upload, 3 silent committee members and a wrong answer: the sum is exact, the liar named', async () => {
  const { opened, expected, contributors, named } = await sumOfMany(1000);
  expect(contributors).toBe(889);
  expect(opened).toEqual(expected);
  expect(named).toEqual(['org-8']);
});
