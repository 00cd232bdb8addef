import { nodePrimitives, systemRandom } from '../../../crypto/identity/node-primitives.ts';
import { fromHex, toHex } from '../../../crypto/public/encoding.ts';
import { lowDegreeChallenge } from '../../../crypto/public/low-degree.ts';
import { pairIndex } from '../../../crypto/public/pair-keys.ts';
import type { Manifest } from '../../../crypto/public/manifest.ts';
import { merkleRoot } from '../../../crypto/public/merkle.ts';
import { signFields } from '../../../crypto/public/signed.ts';
import { type ValueSource, encryptVector } from '../../../crypto/secret/encrypt.ts';
import { OneTimeKey } from '../../../crypto/secret/one-time-key.ts';
import { Sealer } from '../../../crypto/secret/seal.ts';
import type { Sharing } from '../../../crypto/secret/shares.ts';
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

/** A key shared with the committee. */
export interface SharedKey {
  readonly sharing: Sharing;
  /** In the order of the committee. */
  readonly sealed: readonly Uint8Array[];
}

/** Shares the key with the committee, seals every share to its recipient, erases the key. */
export function shareKey(round: BenchRound, member: string, key: OneTimeKey): SharedKey {
  const { committee } = round.transcript;
  const sharing = key.split(
    nodePrimitives,
    round.roster.threshold,
    committee.map(({ committeeIndex }) => committeeIndex),
  );
  key.erase();
  const sealer = new Sealer(nodePrimitives);
  const index = pairIndex(round.roster, member);
  const sealed = sharing.shares.map(({ plaintext }, place) => {
    const [recipient, pair] = [committee[place], round.ephemerals[place]?.pair(index)];
    if (recipient === undefined || pair === undefined) throw new Error('a share for nobody');
    return sealer.seal({ recipient, pair, transcriptHash: round.hash, contributor: member }, plaintext);
  });
  return { sharing, sealed };
}

/** The signed manifest of an upload, with what proves that its shares fit together. */
export function sign(
  round: BenchRound,
  member: string,
  chunks: readonly Uint8Array[],
  { sealed, sharing }: SharedKey,
): Manifest {
  const { consortium, round: number, committee } = round.transcript;
  const core = {
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
  };
  const lowDegree = sharing.lowDegree(lowDegreeChallenge(nodePrimitives, core));
  return signFields(keyOf(round.keys, member).sign, 'cordon/v1/manifest', { ...core, lowDegree });
}

/** A member's whole part of a round. */
export function contribute(round: BenchRound, member: string, values: Uint32Array): Contribution {
  const { key, chunks } = encrypt(round, values);
  const shared = shareKey(round, member, key);
  const manifest = sign(round, member, chunks, shared);
  shared.sharing.wipe();
  return { member, chunks, sealed: shared.sealed, manifest };
}

export function bytesOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
