import type { Spoil } from '../crypto-contribution.ts';
import type { TestRound } from '../crypto-federation.ts';

/**
 * A dishonest contributor: what it seals to one committee member, chosen by its own number, does not fit the others, is
 * malformed, or does not open.
 */
export function spoilFor(number: number, round: TestRound): Spoil {
  const { committee } = round.transcript;
  const victim = committee[number % committee.length]?.member;
  const other = committee[(number + 1) % committee.length]?.member ?? '';
  return (recipient, plaintext, seal) => {
    if (recipient !== victim) return seal(plaintext);
    const changed = plaintext.slice();
    if (number % 3 === 0) changed[1] = (changed[1] ?? 0) ^ 1;
    else if (number % 3 === 1) changed[0] = 7;
    else return seal(plaintext, { contributor: other });
    return seal(changed);
  };
}
