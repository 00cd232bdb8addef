import { addChunk, createAccumulator, packedSum } from '../../crypto/public/accumulator.ts';
import { type Answer, shareSumOf } from '../../crypto/public/answer.ts';
import { fromBase64Url, fromHex, toBase64Url } from '../../crypto/public/encoding.ts';
import { interpolateAnswers } from '../../crypto/public/key-sum.ts';
import { openSum } from '../../crypto/public/open-sum.ts';
import { N, SHARE_PRIME } from '../../crypto/public/params.ts';
import { RoundRecord } from '../../crypto/public/round-record.ts';
import { packField, unpackField } from '../../crypto/public/share-packing.ts';
import { signFields } from '../../crypto/public/signed.ts';
import { answerRound } from '../../crypto/secret/committee-answer.ts';
import { TestedShares } from '../../crypto/secret/tested-shares.ts';
import { contribute } from '../crypto-contribution.ts';
import { TestFederation } from '../crypto-federation.ts';
import type { LogStep } from '../crypto-federation.ts';
import { rememberingPrimitives } from './federations.ts';
import { spoilFor } from './spoil.ts';

const LENGTH = 300;
/** Whose shares do not fit together. */
const CHEAT = 20;

export interface ManyContributors {
  readonly opened: Uint32Array;
  /** The sum of the plain values of those in S. */
  readonly expected: Uint32Array;
  readonly contributors: number;
  /** Contributors whose shares were proven bad. */
  readonly removed: readonly string[];
  /** Committee members whose answers were named as wrong. */
  readonly named: readonly string[];
}

/**
 * One sum of that many members, a committee of fifteen: every ninth member drops out before its upload, one seals a bad
 * share and is removed, three of the committee are silent after the check, and one of them answers with a wrong point.
 */
export async function sumOfMany(members: number): Promise<ManyContributors> {
  const federation = new TestFederation(members);
  const { roster } = federation;
  const round = federation.round(1, { length: LENGTH });
  const primitives = rememberingPrimitives();
  const expected = new Uint32Array(LENGTH);
  const accumulator = createAccumulator();
  const sealed = new Map<string, Map<string, Uint8Array>>(roster.committee.map((id) => [id, new Map()]));
  const log = logOf(new RoundRecord(primitives, roster, round.hash, entryOf(0, round.announce())));
  for (const { id, index } of roster.members) {
    if (index % 9 === 0) continue;
    const made = contribute(round, id, undefined, index === CHEAT ? spoilFor(CHEAT, round) : undefined);
    log.write(round.upload(made.manifest));
    for (const [recipient, bytes] of made.sealed) sealed.get(recipient)?.set(id, bytes);
    if (index === CHEAT) continue;
    for (const chunk of made.chunks) addChunk(accumulator, chunk);
    made.values.forEach((value, i) => (expected[i] = (expected[i] ?? 0) + value));
  }
  log.write(round.close());
  const { record } = log;
  const { closed } = record;
  if (closed === null) throw new Error('not closed');
  const tested = roster.committee.map((member) =>
    TestedShares.test(
      { primitives, roster, sign: federation.key(member).sign },
      { closed, key: round.ephemeral(member), sealed: sealed.get(member) ?? new Map<string, Uint8Array>() },
    ),
  );
  for (const { complaints } of tested) {
    for (const complaint of complaints) log.write(round.complaint(complaint));
  }
  log.write(round.checked((record.remaining() ?? closed).contributors.map(({ manifest }) => manifest)));
  const set = record.requireSet();
  const answers: Answer[] = [];
  for (const [i, member] of roster.committee.entries()) {
    if (i % 5 === 4) continue;
    const answer = await answerRound(
      {
        primitives,
        sign: federation.key(member).sign,
        journal: { lookup: () => Promise.resolve(null), record: (_, made) => Promise.resolve(made) },
      },
      { set, tested: tested[i] ?? null },
    );
    answers.push(i === 7 ? wrong(federation, answer) : answer);
  }
  const { keySum, leftOut: seats } = interpolateAnswers(
    roster.threshold,
    answers.map(shareSumOf),
    set.contributors.length,
  );
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
    removed: [...record.removed.keys()],
    named: seats.map((seat) => roster.committee[seat - 1] ?? ''),
  };
}

/** An entry of a log whose chain and signatures nobody looks at here. */
const entryOf = (index: number, [kind, body]: LogStep) => ({ index, prev: '', time: index, kind, body });

function logOf(record: RoundRecord) {
  let index = 0;
  return {
    record,
    write: (step: LogStep): void => {
      index += 1;
      record.accept(entryOf(index, step));
    },
  };
}

function wrong(federation: TestFederation, answer: Answer): Answer {
  const sums = unpackField(fromBase64Url(answer.shares), N);
  sums[17] = ((sums[17] ?? 0) + 1) % SHARE_PRIME;
  const { signature: _, ...fields } = answer;
  const shares = toBase64Url(packField(sums));
  return signFields(federation.key(answer.member).sign, 'cordon/v1/answer', { ...fields, shares });
}
