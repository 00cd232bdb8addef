import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fromHex, toHex } from '../../crypto/public/encoding.ts';
import type { Manifest } from '../../crypto/public/manifest.ts';
import { lowDegreeChallenge } from '../../crypto/public/low-degree.ts';
import { MerkleBuilder } from '../../crypto/public/merkle.ts';
import { type Transcript, transcriptHash } from '../../crypto/public/transcript.ts';
import { signFields } from '../../crypto/public/signed.ts';
import { type ValueSource, encryptVector } from '../../crypto/secret/encrypt.ts';
import { OneTimeKey } from '../../crypto/secret/one-time-key.ts';
import { Sealer } from '../../crypto/secret/seal.ts';
import type { Sharing } from '../../crypto/secret/shares.ts';
import type { ParticipantModules } from '../modules.ts';
import type { BlobWriter } from './outbox.ts';

/** So often the connections of this process are looked to: every ten milliseconds or so. */
const TURN_CHUNKS = 16;

/**
 * Encrypts one update under a key that exists for it alone, shares the key with the committee, and writes both to disk:
 * chunks in order, then the sealed shares. The key is erased when this returns or throws.
 * @param pairs made for this member by each of the transcript's committee, verified (`ownPairs`)
 * @returns the signed manifest of what was written
 */
export async function encryptUpdate(
  values: Uint32Array | ValueSource,
  transcript: Transcript,
  pairs: readonly Uint8Array[],
  blob: BlobWriter,
  modules: ParticipantModules,
): Promise<Manifest> {
  const { primitives, random, failpoint, roster } = modules;
  const { consortium, round, layout, valueBits, committee } = transcript;
  const digest = transcriptHash(primitives, transcript);
  const whole = createHash('sha256');
  const chunkTree = new MerkleBuilder(primitives);
  let bytes = 0;
  const write = (part: Uint8Array) => {
    whole.update(part);
    bytes += part.length;
    blob.write(part);
  };
  const key = OneTimeKey.sample(random);
  let sharing: Sharing | null = null;
  try {
    const vector = { transcriptHash: fromHex(digest, 32), layout, valueBits, values };
    const chunks = modules.threads?.encrypt(key, vector) ?? encryptVector(primitives, key, vector);
    for await (const chunk of chunks) {
      if (chunkTree.size === 0 && failpoint('participant.chunk', round)) flip(chunk, 0, 64);
      chunkTree.append(chunk);
      write(chunk);
      if (chunkTree.size % TURN_CHUNKS === 0) await nextTurn();
    }
    const seats = committee.map(({ committeeIndex }) => committeeIndex);
    sharing = key.split(primitives, roster.threshold, seats);
    key.erase();
    const sealer = new Sealer(primitives);
    const listed = [];
    for (const [place, { committeeIndex, plaintext }] of sharing.shares.entries()) {
      const [recipient, pair] = [committee[place], pairs[place]];
      if (recipient === undefined || pair === undefined) throw new RangeError('a seat without keys');
      if (place === 0 && failpoint('participant.share', round)) flip(plaintext, 1, 1);
      const sealPlace = { recipient, pair, transcriptHash: digest, contributor: modules.member };
      const sealed = sealer.seal(sealPlace, plaintext);
      write(sealed);
      listed.push({ committeeIndex, hash: toHex(primitives.sha256(sealed)), bytes: sealed.length });
    }
    await blob.seal();
    const core = {
      consortium,
      round,
      member: modules.member,
      transcriptHash: digest,
      chunks: chunkTree.size,
      chunkRoot: toHex(chunkTree.root()),
      blobBytes: bytes,
      blobHash: whole.digest('hex'),
      shares: listed,
    };
    const lowDegree = sharing.lowDegree(lowDegreeChallenge(primitives, core));
    return signFields(modules.sign, 'cordon/v1/manifest', { ...core, lowDegree });
  } finally {
    key.erase();
    sharing?.wipe();
  }
}

/** Damage on purpose, for the tests. */
function flip(bytes: Uint8Array, from: number, count: number): void {
  for (let i = from; i < from + count; i++) bytes[i] = (bytes[i] ?? 0) ^ 1;
}
