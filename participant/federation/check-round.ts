import type { Transcript } from '../../crypto/public/transcript.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { RunView } from './run-view.ts';
import { type SitePolicy, checkPolicy } from './site-policy.ts';

/**
 * What a member checks of an announced round beyond its signatures, before it contributes and again before it helps to
 * open: the site's policy, that the transcript says what the task says, and that the model is the one that this member
 * computed from the sums.
 * @param standing hash of what the round stands on (a model, answers) as this member knows it
 * @throws CordonError POLICY_REFUSED, TRANSCRIPT_INVALID, STALE_ROUND, MODEL_MISMATCH
 */
export function checkRound(transcript: Transcript, run: RunView, standing: string, policy: SitePolicy): void {
  const { task, shape } = run;
  checkPolicy(policy, task);
  const pairs: readonly [string, unknown, unknown][] = [
    ['run', run.run, transcript.run],
    ['task', run.taskHash, transcript.taskHash],
    ['length', shape.length, transcript.length],
    ['layout', shape.layout, transcript.layout],
    ['bits of a value', shape.valueBits, transcript.valueBits],
    ['bits of the quantiser', shape.quantiser.bits, transcript.quantiser.bits],
    ['clip norm', shape.quantiser.clipNorm, transcript.quantiser.clipNorm],
    ['floor of contributors', task.kMin, transcript.kMin],
    ['seconds to collect', task.deadlines.collectSeconds, transcript.deadline.collectSeconds],
    ['seconds of grace', task.deadlines.graceSeconds, transcript.deadline.graceSeconds],
  ];
  for (const [what, expected, got] of pairs) {
    if (expected === got) continue;
    throw new CordonError('TRANSCRIPT_INVALID', {
      expected: `${what} ${String(expected)} as in the task`,
      got: String(got),
      next: 'take no part; the coordinator announces another round than the task describes',
    });
  }
  if (!run.has(transcript.round)) {
    throw new CordonError('STALE_ROUND', {
      expected: `a round from ${run.firstRound} to ${run.firstRound + task.rounds - 1}`,
      got: String(transcript.round),
      next: 'take no part; the round is not one of this run',
    });
  }
  if (standing === transcript.modelHash) return;
  throw new CordonError('MODEL_MISMATCH', {
    expected: `${task.kind === 'count-sketch' ? 'key and answers' : 'model'} ${standing}, which this member computed from the sums`,
    got: transcript.modelHash,
    next: 'take no part; tell the consortium that the coordinator announces something that does not follow from the log',
  });
}
