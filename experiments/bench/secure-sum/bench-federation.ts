import { nodePrimitives, systemRandom } from '../../../crypto/identity/node-primitives.ts';
import { SigningKey } from '../../../crypto/identity/signing-key.ts';
import { toHex } from '../../../crypto/public/encoding.ts';
import { leastThreshold, MAX_COMMITTEE, type Roster, rosterHash } from '../../../crypto/public/roster.ts';
import { type Transcript, transcriptHash } from '../../../crypto/public/transcript.ts';
import { EphemeralKey } from '../../../crypto/secret/ephemeral-key.ts';

/** One round of a federation with keys for everybody, in this process: what is measured is cryptography, not transport. */
export interface BenchRound {
  readonly roster: Roster;
  readonly transcript: Transcript;
  readonly hash: string;
  readonly coordinator: SigningKey;
  /** Long-term keys, by member. */
  readonly keys: ReadonlyMap<string, SigningKey>;
  /** Ephemeral keys of the committee, in its order. */
  readonly ephemerals: readonly EphemeralKey[];
}

/**
 * @param members 3 to 1,000; the committee is everybody up to 15
 * @param length values in the vector, 16 bits each, three a coefficient
 */
export function benchRound(members: number, length: number): BenchRound {
  const ids = Array.from({ length: members }, (_, i) => `org-${i + 1}`);
  const keys = new Map(ids.map((id) => [id, SigningKey.generate()]));
  const coordinator = SigningKey.generate();
  const committee = ids.slice(0, MAX_COMMITTEE);
  const roster: Roster = {
    consortium: 'bench',
    epoch: 0,
    previous: null,
    members: ids.map((id, i) => ({ id, index: i + 1, signKey: keyOf(keys, id).publicKey })),
    committee,
    threshold: leastThreshold(committee.length, 1),
    cRoster: 1,
    cCommittee: 1,
    kMin: 3,
    coordinatorKey: coordinator.publicKey,
  };
  const { consortium, epoch } = roster;
  const ephemerals = committee.map((member, i) =>
    EphemeralKey.generate(
      { primitives: nodePrimitives, random: systemRandom, sign: keyOf(keys, member).sign },
      { consortium, epoch, round: 1, member, committeeIndex: i + 1 },
      members,
    ),
  );
  const transcript: Transcript = {
    consortium,
    epoch,
    rosterHash: rosterHash(nodePrimitives, roster),
    run: 'run-1',
    round: 1,
    taskHash: toHex(systemRandom(32)),
    modelHash: toHex(systemRandom(32)),
    length,
    layout: '3x26',
    valueBits: 16,
    quantiser: { clipNorm: 1, bits: 16 },
    dp: null,
    groups: null,
    kMin: 3,
    deadline: { collectSeconds: 60, graceSeconds: 0 },
    committee: ephemerals.map((key) => key.public),
  };
  const hash = transcriptHash(nodePrimitives, transcript);
  return { roster, transcript, hash, coordinator, keys, ephemerals };
}

/** A committee member's keys for one round with so many members. */
export function advertise(members: number): EphemeralKey {
  return EphemeralKey.generate(
    { primitives: nodePrimitives, random: systemRandom, sign: ADVERTISER.sign },
    { consortium: 'bench', epoch: 0, round: 1, member: 'org-1', committeeIndex: 1 },
    members,
  );
}

const ADVERTISER = SigningKey.generate();

export function keyOf(keys: ReadonlyMap<string, SigningKey>, member: string): SigningKey {
  const key = keys.get(member);
  if (key === undefined) throw new Error(`no key of ${member}`);
  return key;
}
