/**
 * advertising  committee members send the round's ephemeral keys
 * collecting   the transcript is announced; members train, encrypt and upload
 * opening      S is fixed; committee members answer
 * combining    enough answers are in; the coordinator opens the sum and computes the next model
 * published    the sum and the next model's hash are in the log
 * failed       the round is over without a result; the reason is in the log
 */
export const ROUND_PHASES = [
  'advertising',
  'collecting',
  'opening',
  'combining',
  'published',
  'failed',
] as const;
export type RoundPhase = (typeof ROUND_PHASES)[number];

/** Phases that wait for members; each can be refused on its own. */
export const REFUSABLE_PHASES = ['advertising', 'collecting', 'opening'] as const satisfies RoundPhase[];
export type RefusablePhase = (typeof REFUSABLE_PHASES)[number];
