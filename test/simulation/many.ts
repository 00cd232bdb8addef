import { addChunk, createAccumulator, packedSum } from '../../crypto/public/accumulator.ts';
import type { Answer } from '../../crypto/public/answer.ts';
import { fromBase64Url, fromHex, toBase64Url } from '../../crypto/public/encoding.ts';
import { contributorSet } from '../../crypto/public/round-record.ts';
import { interpolateAnswers } from '../../crypto/public/key-sum.ts';
import { packField, unpackField } from '../../crypto/public/share-packing.ts';
import type { Manifest } from '../../crypto/public/manifest.ts';
import { openSum } from '../../crypto/public/open-sum.ts';
import { N, SHARE_PRIME } from '../../crypto/public/params.ts';
import { signFields } from '../../crypto/public/signed.ts';
import { TestedShares } from '../../crypto/secret/test-shares.ts';
import { answerRound } from '../../crypto/secret/committee-answer.ts';
import { contribute } from '../crypto-contribution.ts';
import { TestFederation } from '../crypto-federation.ts';
import type { LogStep } from '../crypto-federation.ts';
import { rememberingPrimitives } from './federations.ts';

const LENGTH = 300;

export interface ManyContributors {
  readonly opened: Uint32Array;
  /** The sum of the plain values of those that uploaded. */
  readonly expected: Uint32Array;
  readonly contributors: number;
  /** Committee members whose answers were named as wrong. */
  readonly named: readonly string[];
}

/**
 * One sum of that many members, a committee of fifteen: every ninth member drops out before its upload, three of the
 * committee are silent after it, and one of them answers with a wrong point.
 */
export async function sumOfMany(members: number): Promise<ManyContributors> {
  const federation = new TestFederation(members);
  const { roster } = federation;
  const round = federation.round(1, { length: LENGTH });
  const primitives = rememberingPrimitives();
  const expected = new Uint32Array(LENGTH);
  const accumulator = createAccumulator();
  const sealed = new Map<string, Map<string, Uint8Array>>(roster.committee.map((id) => [id, new Map()]));
  const steps: LogStep[] = [];
  const manifests: Manifest[] = [];
  for (const { id, index } of roster.members) {
    if (index % 9 === 0) continue;
    const made = contribute(round, id);
    steps.push(round.upload(made.manifest));
    manifests.push(made.manifest);
    for (const chunk of made.chunks) addChunk(accumulator, chunk);
    made.values.forEach((value, i) => (expected[i] = (expected[i] ?? 0) + value));
    for (const [recipient, bytes] of made.sealed) sealed.get(recipient)?.set(id, bytes);
  }
  const entries = round.log(round.announce(), ...steps, round.close(), round.checked(manifests)).slice(1);
  const set = contributorSet(primitives, entries, round.hash, roster);
  const answers: Answer[] = [];
  for (const [i, member] of roster.committee.entries()) {
    if (i % 5 === 4) continue;
    const { sign } = federation.key(member);
    const tested = TestedShares.test(
      { primitives, roster, sign },
      { closed: set, key: round.ephemeral(member), sealed: sealed.get(member) ?? new Map() },
    );
    const answer = await answerRound(
      {
        primitives,
        sign,
        journal: { lookup: () => Promise.resolve(null), record: (_, made) => Promise.resolve(made) },
      },
      { set, tested },
    );
    answers.push(i === 7 ? wrong(federation, answer) : answer);
  }
  const { keySum, wrong: seats } = interpolateAnswers(roster.threshold, answers, set.contributors.length);
  const { layout, length } = round.transcript;
  const opener = openSum(primitives, {
    transcriptHash: fromHex(round.hash, 32),
    keySum,
    members: set.contributors.length,
    layout,
    length,
  });
  return {
    opened: opener.openChunk(0, packedSum(accumulator)),
    expected,
    contributors: set.contributors.length,
    named: seats.map((seat) => roster.committee[seat - 1] ?? ''),
  };
}

function wrong(federation: TestFederation, answer: Answer): Answer {
  const sums = unpackField(fromBase64Url(answer.shares), N);
  sums[17] = ((sums[17] ?? 0) + 1) % SHARE_PRIME;
  const { signature: _, ...fields } = answer;
  const shares = toBase64Url(packField(sums));
  return signFields(federation.key(answer.member).sign, 'cordon/v1/answer', { ...fields, shares });
}
