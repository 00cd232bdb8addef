import { closeSync, openSync } from 'node:fs';
import { readOpen } from '../../crypto/identity/small-read.ts';
import type { ChunkRange } from '../../crypto/public/audit-order.ts';
import type { AuditStatement } from '../../crypto/public/audit-statement.ts';
import {
  type AuditPart,
  StripeAudit,
  auditBytes,
  auditParts,
  auditStripes,
} from '../../crypto/public/audit-sum.ts';
import { fromHex } from '../../crypto/public/encoding.ts';
import { openSum } from '../../crypto/public/open-sum.ts';
import { CHUNK_BYTES, valuesPerChunk } from '../../crypto/public/params.ts';
import { signFields } from '../../crypto/public/signed.ts';
import type { BulkClient } from '../api/bulk-client.ts';
import { ByteReader } from '../api/byte-reader.ts';
import type { ParticipantModules } from '../modules.ts';
import type { OpenedView } from './opened-view.ts';
import type { RefutedSum } from './refuted-sum.ts';
import type { SumStore } from './sum-store.ts';

export interface AuditModules extends ParticipantModules {
  readonly bulk: BulkClient;
  readonly sums: SumStore;
  readonly refuted: RefutedSum;
}

/**
 * Recomputes a range of chunks of a published sum: fetches these chunks of every upload of the set, ties them to the
 * signed manifests, adds them, opens the sums with the key that this member interpolated itself, compares. Memory: the
 * accumulators of one stripe and one chunk. A sum that is refuted is remembered before this member says so.
 * @param sumPath file of the published sum, which has the root that the log names
 * @returns the signed statement
 * @throws CryptoError AUDIT_FAILED where the sum is not what was published, or uploads are not what was signed;
 *   CordonError as `SumStore.verify` and the bulk plane
 */
export async function auditRange(
  range: ChunkRange,
  opened: OpenedView,
  sumPath: string,
  modules: AuditModules,
): Promise<AuditStatement> {
  const { primitives, member, sign, bulk } = modules;
  const { set, keySum, chunks, body } = opened;
  const { transcript, contributors } = set;
  const { layout, length, round } = transcript;
  modules.failpoint('participant.before-audit', round);
  const transcriptHash = fromHex(set.transcriptHash, 32);
  const opener = openSum(primitives, {
    transcriptHash,
    keySum,
    members: contributors.length,
    layout,
    length,
  });
  const bytes = auditBytes(range, contributors.length, chunks);
  const arriving = new ByteReader(bulk.auditChunks(round, range.from, range.to, bytes));
  const published = openSync(sumPath, 'r');
  try {
    for (const stripe of auditStripes(range)) {
      const audit = new StripeAudit(primitives, stripe, chunks);
      for (const part of auditParts(stripe, contributors.length, chunks)) {
        await takePart(part, opened, arriving, audit);
      }
      for (let index = stripe.from; index < stripe.to; index++) {
        const values = publishedChunk(published, index, 4 * valuesPerChunk(layout), 4 * length);
        await objecting(() => audit.compare(opener, index, values), opened, index, modules);
      }
    }
  } finally {
    await arriving.close();
    closeSync(published);
  }
  const { consortium, epoch } = transcript;
  return signFields(sign, 'cordon/v1/audit', {
    consortium,
    epoch,
    round,
    member,
    transcriptHash: set.transcriptHash,
    setHash: set.setHash,
    sumRoot: body.sumRoot,
    from: range.from,
    to: range.to,
  });
}

/**
 * All uploads are tied to their signed manifests by now, so values that differ prove that the sum is wrong, as long as
 * those on this disk are the published ones.
 */
async function objecting(
  compare: () => void,
  opened: OpenedView,
  chunk: number,
  { sums, refuted }: AuditModules,
): Promise<void> {
  try {
    compare();
  } catch (error) {
    await sums.verify(opened.body);
    await refuted.put(opened, chunk, error);
    throw error;
  }
}

async function takePart(
  { contributor, from, to, proof }: AuditPart,
  { set }: OpenedView,
  arriving: ByteReader,
  audit: StripeAudit,
): Promise<void> {
  const manifest = set.contributors[contributor]?.manifest;
  if (!manifest) return;
  for (let chunk = from; chunk < to; chunk++) audit.add(manifest, await arriving.read(CHUNK_BYTES));
  const hashes: Uint8Array[] = [];
  for (let i = 0; i < proof; i++) hashes.push((await arriving.read(32)).slice());
  audit.close(manifest, hashes);
}

/**
 * The values of one chunk as they were published; the last one may be shorter. A file that lost its end does not compare
 * equal.
 */
function publishedChunk(file: number, index: number, chunkBytes: number, sumBytes: number): Uint8Array {
  const from = index * chunkBytes;
  return readOpen(file, from, Math.min(chunkBytes, sumBytes - from));
}
