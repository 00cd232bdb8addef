import { expect, it } from 'vitest';
import { sumOfMany } from '../simulation/many.ts';

it('1,000 members, 111 without an upload, one with a bad share, 3 silent committee members, one liar: the sum is exact, both named', async () => {
  const { opened, expected, contributors, removed, named } = await sumOfMany(1000);
  expect(contributors).toBe(888);
  expect(removed).toEqual(['org-20']);
  expect(opened).toEqual(expected);
  expect(named).toEqual(['org-8']);
});
