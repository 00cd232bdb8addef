import { nodePrimitives } from '../../../crypto/identity/node-primitives.ts';
import { auditDuty, auditOrder, type ChunkRange } from '../../../crypto/public/audit-order.ts';
import { auditBytes, auditParts, auditStripes, StripeAudit } from '../../../crypto/public/audit-sum.ts';
import { fromHex, uint32ToBytes } from '../../../crypto/public/encoding.ts';
import { shareSumOf } from '../../../crypto/public/answer.ts';
import { interpolateAnswers } from '../../../crypto/public/key-sum.ts';
import { leafHash } from '../../../crypto/public/merkle.ts';
import { nodeOffset, rangeProofPlaces, treeLevels } from '../../../crypto/public/merkle-range.ts';
import { openSum, type SumOpener } from '../../../crypto/public/open-sum.ts';
import { valuesPerChunk } from '../../../crypto/public/params.ts';
import type { BenchCase } from '../measure.ts';
import type { BenchRow } from '../result.ts';
import { rowOf } from '../statistics.ts';
import type { AnsweredRound } from './answered-round.ts';
import { bytesOf, type Contribution } from './contribution.ts';

/** One member's part in the audit of a round: its chunks of every upload summed again, opened, compared. */
export function auditCase(answered: AnsweredRound): {
  readonly auditing: BenchCase;
  readonly rows: BenchRow[];
} {
  const { round, contributions } = answered;
  const { cRoster, members } = round.roster;
  const chunks = contributions[0]?.chunks.length ?? 0;
  const order = auditOrder(
    nodePrimitives,
    round.hash,
    members.map(({ id }) => id),
  );
  // The member with the most to do, where the chunks cannot be shared out evenly.
  const duty = auditDuty(order, chunks, cRoster + 1, order[cRoster] ?? '');
  const trees = contributions.map(levelsOf);
  const bytes = duty.reduce((sum, range) => sum + auditBytes(range, contributions.length, chunks), 0);
  const upload = bytesOf(contributions[0]?.chunks ?? []);
  const note = `of ${contributions.length} members, each chunk audited by ${cRoster + 1}: ${(bytes / upload).toFixed(1)} uploads' worth of ciphertext a member, whatever the number of members`;
  return {
    auditing: {
      name: 'member.audit_ms',
      clock: 'cpu',
      note: `${note}; hashed, tied to the signed manifests, added, opened, compared`,
      run: () => {
        const opener = openerOf(answered);
        for (const range of duty) audit(range, answered, trees, opener);
      },
    },
    rows: [rowOf('member.audit_download_mb', 'mb', [bytes / 1e6], note)],
  };
}

/** As a member does it: the key from the answers, interpolated by itself. */
function openerOf({ round, contributions, answers }: AnsweredRound): SumOpener {
  const { layout, length } = round.transcript;
  const { threshold } = round.roster;
  const members = contributions.length;
  const { keySum } = interpolateAnswers(threshold, answers.slice(0, threshold).map(shareSumOf), members);
  return openSum(nodePrimitives, {
    transcriptHash: fromHex(round.hash, 32),
    keySum,
    members,
    layout,
    length,
  });
}

function audit(
  range: ChunkRange,
  { round, contributions, expected }: AnsweredRound,
  trees: readonly Uint8Array[],
  opener: SumOpener,
): void {
  const chunks = contributions[0]?.chunks.length ?? 0;
  const perChunk = valuesPerChunk(round.transcript.layout);
  for (const stripe of auditStripes(range)) {
    const sum = new StripeAudit(nodePrimitives, stripe, chunks);
    for (const { contributor, from, to } of auditParts(stripe, contributions.length, chunks)) {
      const one = contributions[contributor];
      const tree = trees[contributor];
      if (one === undefined || tree === undefined) throw new Error('no such contributor');
      for (const chunk of one.chunks.slice(from, to)) sum.add(one.manifest, chunk);
      const proof = rangeProofPlaces(chunks, from, to).map((place) => {
        const at = nodeOffset(chunks, place);
        return tree.subarray(at, at + 32);
      });
      sum.close(one.manifest, proof);
    }
    for (let index = stripe.from; index < stripe.to; index++) {
      const published = expected.subarray(index * perChunk, (index + 1) * perChunk);
      sum.compare(opener, index, uint32ToBytes(published));
    }
  }
}

/** The Merkle tree that the coordinator keeps beside an upload. */
function levelsOf({ chunks }: Contribution): Uint8Array {
  return treeLevels(nodePrimitives, Buffer.concat(chunks.map((chunk) => leafHash(nodePrimitives, chunk))));
}
