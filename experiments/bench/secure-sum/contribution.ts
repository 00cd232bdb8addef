import { nodePrimitives, systemRandom } from '../../../crypto/identity/node-primitives.ts';
import { fromHex, toHex } from '../../../crypto/public/encoding.ts';
import type { Manifest } from '../../../crypto/public/manifest.ts';
import { merkleRoot } from '../../../crypto/public/merkle.ts';
import { signFields } from '../../../crypto/public/signed.ts';
import { type ValueSource, encryptVector } from '../../../crypto/secret/encrypt.ts';
import { OneTimeKey } from '../../../crypto/secret/one-time-key.ts';
import { sealShare } from '../../../crypto/secret/seal.ts';
import { type BenchRound, keyOf } from './bench-federation.ts';

/** What one member uploads. */
export interface Contribution {
  readonly member: string;
  readonly chunks: readonly Uint8Array[];
  /** In the order of the committee. */
  readonly sealed: readonly Uint8Array[];
  readonly manifest: Manifest;
}

/** Encrypts the vector, packed chunk by chunk. @returns the chunks and the key, which has yet to be shared */
export function encrypt(
  round: BenchRound,
  values: Uint32Array | ValueSource,
): { readonly key: OneTimeKey; readonly chunks: Uint8Array[] } {
  const { layout, valueBits } = round.transcript;
  const key = OneTimeKey.sample(systemRandom);
  const vector = { transcriptHash: fromHex(round.hash, 32), layout, valueBits, values };
  return { key, chunks: [...encryptVector(nodePrimitives, key, vector)] };
}

/** Shares the key with the committee, seals every share to its recipient, erases the key. */
export function shareKey(round: BenchRound, member: string, key: OneTimeKey): Uint8Array[] {
  const { committee } = round.transcript;
  const shares = key.split(
    round.roster.threshold,
    committee.map(({ committeeIndex }) => committeeIndex),
  );
  key.erase();
  return shares.map(({ plaintext }, place) => {
    const recipient = committee[place];
    if (recipient === undefined) throw new Error('a share for nobody');
    return sealShare(
      nodePrimitives,
      { recipient, transcriptHash: round.hash, contributor: member },
      plaintext,
    );
  });
}

/** The signed manifest of an upload. */
export function sign(
  round: BenchRound,
  member: string,
  chunks: readonly Uint8Array[],
  sealed: readonly Uint8Array[],
): Manifest {
  const { consortium, round: number, committee } = round.transcript;
  return signFields(keyOf(round.keys, member).sign, 'cordon/v1/manifest', {
    consortium,
    round: number,
    member,
    transcriptHash: round.hash,
    chunks: chunks.length,
    chunkRoot: toHex(merkleRoot(nodePrimitives, chunks)),
    blobBytes: bytesOf(chunks) + bytesOf(sealed),
    blobHash: toHex(nodePrimitives.sha256(...chunks, ...sealed)),
    shares: sealed.map((bytes, i) => ({
      committeeIndex: committee[i]?.committeeIndex ?? 0,
      hash: toHex(nodePrimitives.sha256(bytes)),
      bytes: bytes.length,
    })),
  });
}

/** A member's whole part of a round. */
export function contribute(round: BenchRound, member: string, values: Uint32Array): Contribution {
  const { key, chunks } = encrypt(round, values);
  const sealed = shareKey(round, member, key);
  return { member, chunks, sealed, manifest: sign(round, member, chunks, sealed) };
}

export function bytesOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
