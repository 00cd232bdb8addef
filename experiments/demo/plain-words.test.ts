import { expect, it } from 'vitest';
import { inPlainWords } from './plain-words.ts';
import type { DemoRound } from './report.ts';

const committee = Array.from({ length: 15 }, (_, i) => `org-${i}`);
const members = [...committee, 'org-15', 'org-16'];
const ms = {
  train: 1,
  quantise: 1,
  encrypt: 1,
  upload: 1,
  answer: 1,
  collect: 1,
  check: 1,
  sum: 1,
  open: 1,
  audit: 1,
  total: 1,
};
const published: DemoRound = {
  round: 1,
  outcome: 'published',
  members,
  contributors: members,
  bytesUp: 17 * 68_000,
  bytesDown: 1,
  ms,
  noise: { greatest: 1, bound: 2 },
  sumExact: true,
  failure: null,
};
const roster = { committee, threshold: 9, cRoster: 2 };

it('counts the committee, not the members, and tells of check and audit by their bounds', () => {
  const text = inPlainWords(roster, [published], 609);
  expect(text).toContain('with the help of 9 of 15 committee members, is only the sum of 17 or more updates');
  expect(text).toContain('one encrypted update (68 kB: 609 numbers');
  expect(text).toContain('tested the shares of every key');
  expect(text).toContain('3 members recomputed each part of the sum');
});

it('claims no check or audit where no round was published', () => {
  const text = inPlainWords(roster, [{ ...published, outcome: 'failed', noise: null }], 609);
  expect(text).toContain('No sum was adopted.');
  expect(text).not.toContain('recomputed');
});
