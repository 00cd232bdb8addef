import { nodePrimitives as p, systemRandom } from '../crypto/identity/node-primitives.ts';
import { fromHex, toHex } from '../crypto/public/encoding.ts';
import type { Manifest } from '../crypto/public/manifest.ts';
import { lowDegreeChallenge } from '../crypto/public/low-degree.ts';
import { merkleRoot } from '../crypto/public/merkle.ts';
import { encryptVector } from '../crypto/secret/encrypt.ts';
import { OneTimeKey } from '../crypto/secret/one-time-key.ts';
import type { SealPlace } from '../crypto/public/sealed-share.ts';
import { Sealer } from '../crypto/secret/seal.ts';
import type { TestRound } from './crypto-federation.ts';

export interface Contribution {
  readonly member: string;
  readonly values: Uint32Array;
  readonly chunks: readonly Uint8Array[];
  /** Sealed shares by recipient. */
  readonly sealed: ReadonlyMap<string, Uint8Array>;
  readonly manifest: Manifest;
}

/** A contributor that cheats: gets what it would seal to a recipient, and gives the sealed bytes. */
export type Spoil = (
  recipient: string,
  plaintext: Uint8Array,
  seal: (plaintext: Uint8Array, changes?: Partial<SealPlace>) => Uint8Array,
) => Uint8Array;

/** A member's whole contribution to a round, with values that follow from its name unless a test gives its own. */
export function contribute(
  round: TestRound,
  member: string,
  given?: Uint32Array,
  spoil: Spoil = (_recipient, plaintext, seal) => seal(plaintext),
): Contribution {
  const { layout, valueBits, length, committee } = round.transcript;
  const offset = Number(member.slice('org-'.length)) * 7919;
  const values = given ?? Uint32Array.from({ length }, (_, i) => (i * 31 + offset) % 2 ** valueBits);
  const key = OneTimeKey.sample(systemRandom);
  const vector = { transcriptHash: fromHex(round.hash, 32), layout, valueBits, values };
  const chunks = [...encryptVector(p, key, vector)];
  const { threshold } = round.federation.roster;
  const sharing = key.split(
    p,
    threshold,
    committee.map((one) => one.committeeIndex),
  );
  key.erase();
  const sealer = new Sealer(p);
  const sealed = new Map<string, Uint8Array>();
  for (const [place, { plaintext }] of sharing.shares.entries()) {
    const recipient = committee[place];
    if (recipient === undefined) throw new Error('no recipient');
    const pair = round.pair(recipient.member, member);
    const sealPlace = { recipient, pair, transcriptHash: round.hash, contributor: member };
    const seal = (content: Uint8Array, changes: Partial<SealPlace> = {}) =>
      sealer.seal({ ...sealPlace, ...changes }, content);
    sealed.set(recipient.member, spoil(recipient.member, plaintext, seal));
  }
  const overrides = {
    chunkRoot: toHex(merkleRoot(p, chunks)),
    blobHash: toHex(p.sha256(...chunks, ...sealed.values())),
  };
  const manifest = round.manifest(member, [...sealed.values()], overrides, (core) =>
    sharing.lowDegree(lowDegreeChallenge(p, core)),
  );
  sharing.wipe();
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
