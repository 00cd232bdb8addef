import { expect, it } from 'vitest';
import { sumOfMany } from './many.ts';

it('50 members, 5 without an upload, one with a bad share, 3 silent committee members, one liar: the sum is exact, both named', async () => {
  const { opened, expected, contributors, removed, named } = await sumOfMany(50);
  expect(contributors).toBe(44);
  expect(removed).toEqual(['org-20']);
  expect(opened).toEqual(expected);
  expect(named).toEqual(['org-8']);
}, 60_000);
