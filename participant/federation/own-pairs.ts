import { pairIndex, pairProofLength, verifyPair } from '../../crypto/public/pair-keys.ts';
import { PAIR_BYTES } from '../../crypto/public/pair-sizes.ts';
import type { Transcript } from '../../crypto/public/transcript.ts';
import type { BulkClient } from '../api/bulk-client.ts';
import type { ParticipantModules } from '../modules.ts';

const HASH_BYTES = 32;

/**
 * The key pairs that the committee has made for this member, in the order of the transcript, each verified to be the one
 * that its maker signed: to others nothing is sealed.
 * @throws CordonError COORDINATOR_UNREACHABLE, NOT_FOUND, DIGEST_MISMATCH; CryptoError TRANSCRIPT_INVALID
 */
export async function ownPairs(
  { committee, round }: Transcript,
  modules: Pick<ParticipantModules, 'primitives' | 'roster' | 'member'> & {
    readonly bulk: Pick<BulkClient, 'pairs'>;
  },
): Promise<Uint8Array[]> {
  const { primitives, roster, member, bulk } = modules;
  const hashes = pairProofLength(roster.members.length, pairIndex(roster, member));
  const size = PAIR_BYTES + hashes * HASH_BYTES;
  const bytes = await bulk.pairs(round, committee.length * size);
  return committee.map((key, place) => {
    const own = bytes.subarray(place * size, (place + 1) * size);
    const pair = own.subarray(0, PAIR_BYTES);
    const proof = Array.from({ length: hashes }, (_, i) => {
      const at = PAIR_BYTES + i * HASH_BYTES;
      return own.subarray(at, at + HASH_BYTES);
    });
    verifyPair(primitives, key, roster, { contributor: member, pair, proof });
    return pair;
  });
}
