import { type RoundReport, plainFailure } from '../../protocol/messages/runs.ts';
import type { Round } from '../round.ts';

/** What operators are shown of a round that is over. @param run the one that it belongs to, with its present model */
export function roundReport(
  round: Round,
  { id, step, model }: { readonly id: string; readonly step: number; readonly model: string },
): RoundReport {
  const { progress, clock, contributors } = round;
  return {
    round: round.round,
    run: id,
    step,
    outcome: progress.phase === 'published' ? 'published' : 'failed',
    members: [...round.options.config.members],
    contributors: [...(contributors?.members ?? progress.uploaded)],
    committee: [...progress.serving],
    answers: [...progress.answered],
    bytesUp: clock.bytesUp,
    bytesDown: clock.bytesDown,
    ms: clock.times(),
    noise: clock.noise,
    modelHash: progress.phase === 'published' ? model : null,
    failure: progress.failure && plainFailure(progress.failure),
  };
}
