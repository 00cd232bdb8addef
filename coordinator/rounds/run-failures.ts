import type { RoundFailure } from '../../protocol/messages/runs.ts';

/** Why a run or round ends that an operator has stopped. */
export const CANCELLED: RoundFailure = {
  code: 'ROUND_CANCELLED',
  expected: 'the round to go on',
  got: 'an operator cancelled the run',
  next: 'start a new run when you like',
};
