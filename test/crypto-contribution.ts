import { nodePrimitives as p, systemRandom } from '../crypto/identity/node-primitives.ts';
import { fromHex, toHex } from '../crypto/public/encoding.ts';
import type { Manifest } from '../crypto/public/manifest.ts';
import { merkleRoot } from '../crypto/public/merkle.ts';
import { encryptVector } from '../crypto/secret/encrypt.ts';
import { OneTimeKey } from '../crypto/secret/one-time-key.ts';
import { sealShare } from '../crypto/secret/seal.ts';
import type { TestRound } from './crypto-federation.ts';

export interface Contribution {
  readonly member: string;
  readonly values: Uint32Array;
  readonly chunks: readonly Uint8Array[];
  /** Sealed shares by recipient. */
  readonly sealed: ReadonlyMap<string, Uint8Array>;
  readonly manifest: Manifest;
}

/** A member's whole contribution to a round, with values that follow from its name unless a test gives its own. */
export function contribute(round: TestRound, member: string, given?: Uint32Array): Contribution {
  const { layout, valueBits, length, committee } = round.transcript;
  const offset = Number(member.slice('org-'.length)) * 7919;
  const values = given ?? Uint32Array.from({ length }, (_, i) => (i * 31 + offset) % 2 ** valueBits);
  const key = OneTimeKey.sample(systemRandom);
  const vector = { transcriptHash: fromHex(round.hash, 32), layout, valueBits, values };
  const chunks = [...encryptVector(p, key, vector)];
  const { threshold } = round.federation.roster;
  const shares = key.split(
    threshold,
    committee.map((one) => one.committeeIndex),
  );
  key.erase();
  const sealed = new Map<string, Uint8Array>();
  for (const recipient of committee) {
    const share = shares.find((one) => one.committeeIndex === recipient.committeeIndex);
    if (share === undefined) throw new Error('no share');
    const context = { recipient, transcriptHash: round.hash, contributor: member };
    sealed.set(recipient.member, sealShare(p, context, share.plaintext));
  }
  const manifest = round.manifest(member, [...sealed.values()], {
    chunkRoot: toHex(merkleRoot(p, chunks)),
    blobHash: toHex(p.sha256(...chunks, ...sealed.values())),
  });
  return { member, values, chunks, sealed, manifest };
}

/** The sealed shares of a committee member, by contributor. */
export function sealedFor(contributions: readonly Contribution[], member: string): Map<string, Uint8Array> {
  return new Map(
    contributions.flatMap((one) => {
      const bytes = one.sealed.get(member);
      return bytes === undefined ? [] : [[one.member, bytes] as const];
    }),
  );
}
