/**
 * advertising  committee members send the round's ephemeral keys
 * collecting   the transcript is announced; members train, encrypt and upload
 * checking     no update is taken any more; committee members open their shares, test them and complain of bad ones
 * opening      S is fixed; committee members answer
 * combining    enough answers are in; the coordinator opens the sum and computes the next model
 * auditing     the sum is in the log; members recompute it from the uploads and sign what they found right
 * published    the audited sum and the next model's hash are in the log
 * failed       the round is over without a result; the reason is in the log
 */
export const ROUND_PHASES = [
  'advertising',
  'collecting',
  'checking',
  'opening',
  'combining',
  'auditing',
  'published',
  'failed',
] as const;
export type RoundPhase = (typeof ROUND_PHASES)[number];

/** Phases that wait for members; each can be refused on its own. */
export const REFUSABLE_PHASES = [
  'advertising',
  'collecting',
  'checking',
  'opening',
  'auditing',
] as const satisfies RoundPhase[];
export type RefusablePhase = (typeof REFUSABLE_PHASES)[number];
