import { nodePrimitives } from '../../../crypto/identity/node-primitives.ts';
import {
  addChunk,
  type CiphertextAccumulator,
  createAccumulator,
  packedSum,
} from '../../../crypto/public/accumulator.ts';
import { fromHex } from '../../../crypto/public/encoding.ts';
import { shareSumOf } from '../../../crypto/public/answer.ts';
import { interpolateAnswers } from '../../../crypto/public/key-sum.ts';
import { openSum } from '../../../crypto/public/open-sum.ts';
import type { BenchCase } from '../measure.ts';
import type { AnsweredRound } from './answered-round.ts';
import { assertSum } from './seeded-values.ts';

/** What the coordinator spends on a round whose committee has answered. */
export function coordinatorCases(answered: AnsweredRound): BenchCase[] {
  const { contributions, expected } = answered;
  const [first] = contributions;
  if (first === undefined) throw new Error('a round without contributions');
  const accumulators = first.chunks.map(createAccumulator);
  const add = (chunks: readonly Uint8Array[]) =>
    chunks.forEach((chunk, i) => addChunk(at(accumulators, i), chunk));
  const fill = () => {
    for (const { residues } of accumulators) residues.fill(0);
    for (const { chunks } of contributions.slice(1)) add(chunks);
  };
  fill();
  add(first.chunks);
  let opened: Uint32Array = new Uint32Array();
  return [
    {
      name: 'coordinator.add_ms',
      clock: 'cpu',
      note: 'per member: unpack, check every residue, add; the upload is in memory',
      before: fill,
      run: () => add(first.chunks),
    },
    {
      name: 'coordinator.open_ms',
      clock: 'cpu',
      note: `key sum of ${contributions.length} members from t answers, then every chunk opened with its noise check; compared with the plain sum, bit for bit, in every run`,
      run: () => (opened = open(answered, accumulators)),
      after: () => assertSum('cordon', opened, expected),
    },
  ];
}

/** The sum of all contributions, opened with the committee's answers. */
export function open(
  { round, contributions, answers }: AnsweredRound,
  accumulators: readonly CiphertextAccumulator[],
): Uint32Array {
  const { layout, length } = round.transcript;
  const members = contributions.length;
  const { threshold } = round.roster;
  const { keySum } = interpolateAnswers(threshold, answers.slice(0, threshold).map(shareSumOf), members);
  const transcriptHash = fromHex(round.hash, 32);
  const opener = openSum(nodePrimitives, { transcriptHash, keySum, members, layout, length });
  const values = new Uint32Array(length);
  let filled = 0;
  for (const [i, accumulator] of accumulators.entries()) {
    const part = opener.openChunk(i, packedSum(accumulator));
    values.set(part, filled);
    filled += part.length;
  }
  return values;
}

function at<T>(list: readonly T[], i: number): T {
  const one = list[i];
  if (one === undefined) throw new Error('an upload with too many chunks');
  return one;
}
