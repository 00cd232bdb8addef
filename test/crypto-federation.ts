import { SigningKey } from '../crypto/identity/signing-key.ts';
import { nodePrimitives, systemRandom } from '../crypto/identity/node-primitives.ts';
import type { JsonObject } from '../crypto/public/canonical.ts';
import { toBase64Url, toHex } from '../crypto/public/encoding.ts';
import { EpochChain } from '../crypto/public/epoch-chain.ts';
import { leastSignatures, signEpoch } from '../crypto/public/epoch.ts';
import type { SignedEpoch } from '../crypto/public/epoch.ts';
import { setHash } from '../crypto/public/answer.ts';
import type { Complaint } from '../crypto/public/complaint.ts';
import type { ManifestCore } from '../crypto/public/low-degree.ts';
import { pairIndex } from '../crypto/public/pair-keys.ts';
import { appendEntry, EMPTY_LOG, headOf } from '../crypto/public/log.ts';
import type { LogKind, SignedLogEntry } from '../crypto/public/log.ts';
import { manifestHash } from '../crypto/public/manifest.ts';
import type { Manifest } from '../crypto/public/manifest.ts';
import { CHUNK_BYTES, chunksFor } from '../crypto/public/params.ts';
import type { RandomBytes } from '../crypto/public/primitives.ts';
import { leastThreshold, rosterHash } from '../crypto/public/roster.ts';
import type { Roster } from '../crypto/public/roster.ts';
import { SEALED_SEED_BYTES, SEALED_VECTOR_BYTES } from '../crypto/public/sealed-share.ts';
import { signFields } from '../crypto/public/signed.ts';
import { transcriptHash } from '../crypto/public/transcript.ts';
import type { Transcript } from '../crypto/public/transcript.ts';
import { EphemeralKey } from '../crypto/secret/ephemeral-key.ts';

/** Members with keys, their roster, and one round of them, as the cryptographic tests need it. */
export class TestFederation {
  readonly coordinator: SigningKey;
  readonly keys = new Map<string, SigningKey>();
  readonly roster: Roster;
  private verified: EpochChain | null = null;

  /** Where the ephemeral keys of a member come from. */
  readonly random: (id: string) => RandomBytes;

  /**
   * @param makeKey the long-term key of a member, a fresh one unless a test fixes it
   * @param random the master of its ephemeral keys
   */
  constructor(
    members: number,
    overrides: Partial<Roster> = {},
    makeKey: (id: string) => SigningKey = () => SigningKey.generate(),
    random: (id: string) => RandomBytes = () => systemRandom,
  ) {
    this.random = random;
    this.coordinator = makeKey('coordinator');
    const ids = Array.from({ length: members }, (_, i) => `org-${i + 1}`);
    for (const id of ids) this.keys.set(id, makeKey(id));
    const committee = ids.slice(0, 15);
    this.roster = {
      consortium: 'test',
      epoch: 0,
      previous: null,
      members: ids.map((id, i) => ({ id, index: i + 1, signKey: this.key(id).publicKey })),
      committee,
      threshold: leastThreshold(committee.length, 1),
      cRoster: 1,
      cCommittee: 1,
      kMin: 3,
      coordinatorKey: this.coordinator.publicKey,
      ...overrides,
    };
  }

  key(id: string): SigningKey {
    const key = this.keys.get(id);
    if (key === undefined) throw new Error(`no member ${id}`);
    return key;
  }

  /** Epoch 0, signed by everybody. */
  get chain(): EpochChain {
    this.verified ??= EpochChain.verify(nodePrimitives, [this.signedBy(this.roster, ...this.keys.keys())]);
    return this.verified;
  }

  /**
   * The epoch after this one, signed by as many as it takes.
   * @param rekeyed who gets a new key, beside those that are new
   */
  next(members: number, changes: Partial<Roster> = {}, rekeyed: readonly string[] = []): TestFederation {
    const link = { epoch: this.roster.epoch + 1, previous: rosterHash(nodePrimitives, this.roster) };
    const before = new Map([...this.keys, ['coordinator', this.coordinator]]);
    for (const id of rekeyed) before.delete(id);
    const keyOf = (id: string) => before.get(id) ?? SigningKey.generate();
    const after = new TestFederation(members, { ...link, ...changes }, keyOf, this.random);
    const signers = [...this.keys.keys()].slice(0, leastSignatures(this.roster));
    after.verified = this.chain.extend([this.signedBy(after.roster, ...signers)]);
    return after;
  }

  /** The first entries of a log that is in this epoch. */
  opening(): LogStep[] {
    const { chain } = this;
    return chain.epochs.map(({ roster }, epoch): LogStep => {
      const digest = rosterHash(nodePrimitives, roster);
      const { consortium, previous, coordinatorKey } = roster;
      return previous === null
        ? ['genesis', { consortium, rosterHash: digest, coordinatorKey }]
        : ['epoch', { epoch, rosterHash: digest, previous }];
    });
  }

  /** A roster with the signatures of these members. */
  signedBy(roster: Roster, ...members: readonly string[]): SignedEpoch {
    const signatures = members.map((member) =>
      signEpoch(nodePrimitives, roster, { member, sign: this.key(member).sign }),
    );
    return { roster, signatures };
  }

  /** @param ephemerals that the committee has advertised before, by member; made anew where not given */
  round(
    round = 1,
    overrides: Partial<Transcript> = {},
    ephemerals?: ReadonlyMap<string, EphemeralKey>,
  ): TestRound {
    return new TestRound(this, round, overrides, ephemerals);
  }
}

export class TestRound {
  readonly federation: TestFederation;
  readonly ephemerals: Map<string, EphemeralKey>;
  readonly transcript: Transcript;
  readonly hash: string;

  constructor(
    federation: TestFederation,
    round: number,
    overrides: Partial<Transcript>,
    ephemerals?: ReadonlyMap<string, EphemeralKey>,
  ) {
    this.federation = federation;
    this.ephemerals = new Map(ephemerals);
    const { roster } = federation;
    for (const [i, member] of ephemerals ? [] : roster.committee.entries()) {
      const seat = {
        consortium: roster.consortium,
        epoch: roster.epoch,
        round,
        member,
        committeeIndex: i + 1,
      };
      const modules = {
        primitives: nodePrimitives,
        random: federation.random(member),
        sign: federation.key(member).sign,
      };
      this.ephemerals.set(member, EphemeralKey.generate(modules, seat, roster.members.length));
    }
    this.transcript = {
      consortium: roster.consortium,
      epoch: roster.epoch,
      rosterHash: rosterHash(nodePrimitives, roster),
      run: 'run-1',
      round,
      taskHash: toHex(nodePrimitives.sha256()),
      modelHash: toHex(nodePrimitives.sha256(Uint8Array.of(1))),
      length: 20_000,
      layout: '3x26',
      valueBits: 16,
      quantiser: { clipNorm: 1.5, bits: 16 },
      dp: null,
      groups: null,
      kMin: 3,
      deadline: { collectSeconds: 60, graceSeconds: 0 },
      committee: [...this.ephemerals.values()].map((key) => key.public),
      ...overrides,
    };
    this.hash = transcriptHash(nodePrimitives, this.transcript);
  }

  ephemeral(member: string): EphemeralKey {
    const key = this.ephemerals.get(member);
    if (key === undefined) throw new Error(`${member} is not in the committee`);
    return key;
  }

  /**
   * A valid manifest; `sealed` are the member's sealed shares in committee order, random bytes where not given, and
   * `lowDegree` what goes with them, zeros where not given.
   */
  manifest(
    member: string,
    sealed?: readonly Uint8Array[],
    overrides: Partial<Manifest> = {},
    lowDegree?: (core: ManifestCore) => string,
  ): Manifest {
    const { committee, length, layout } = this.transcript;
    const seeds = this.federation.roster.threshold - 1;
    const shares = committee.map((key, i) => {
      const bytes = sealed?.[i] ?? systemRandom(i < seeds ? SEALED_SEED_BYTES : SEALED_VECTOR_BYTES);
      return {
        committeeIndex: key.committeeIndex,
        hash: toHex(nodePrimitives.sha256(bytes)),
        bytes: bytes.length,
      };
    });
    const chunks = chunksFor(length, layout);
    const { threshold } = this.federation.roster;
    const core = {
      consortium: this.transcript.consortium,
      round: this.transcript.round,
      member,
      transcriptHash: this.hash,
      chunks,
      chunkRoot: toHex(systemRandom(32)),
      blobBytes: chunks * CHUNK_BYTES + shares.reduce((sum, share) => sum + share.bytes, 0),
      blobHash: toHex(systemRandom(32)),
      shares,
      ...overrides,
    };
    return signFields(this.federation.key(member).sign, 'cordon/v1/manifest', {
      lowDegree: lowDegree?.(core) ?? toBase64Url(new Uint8Array(17 * threshold)),
      ...core,
    });
  }

  /** A well-formed answer with random sums; no 17 bits in a row are all ones, so that each is in the field. */
  answer(member: string, setHash: string) {
    return signFields(this.federation.key(member).sign, 'cordon/v1/answer', {
      consortium: this.transcript.consortium,
      round: this.transcript.round,
      member,
      committeeIndex: this.ephemeral(member).public.committeeIndex,
      transcriptHash: this.hash,
      setHash,
      shares: toBase64Url(systemRandom(8704).map((byte) => byte & 0xfe)),
    });
  }

  announce(): LogStep {
    return ['announce', { transcript: this.transcript, transcriptHash: this.hash }];
  }

  upload(manifest: Manifest): LogStep {
    return ['upload', { manifest, manifestHash: manifestHash(nodePrimitives, manifest) }];
  }

  close(): LogStep {
    const { run, round } = this.transcript;
    return ['close', { run, round, transcriptHash: this.hash }];
  }

  complaint(complaint: Complaint): LogStep {
    return ['complaint', { complaint }];
  }

  /** S of these manifests stands. */
  checked(manifests: readonly Manifest[]): LogStep {
    const { run, round } = this.transcript;
    const set = manifests.map((one) => ({
      member: one.member,
      manifestHash: manifestHash(nodePrimitives, one),
    }));
    return ['checked', { run, round, transcriptHash: this.hash, setHash: setHash(nodePrimitives, set) }];
  }

  /** The pair that a committee member has made for a contributor. */
  pair(recipient: string, contributor: string): Uint8Array {
    return this.ephemeral(recipient).pair(pairIndex(this.federation.roster, contributor));
  }

  /** The coordinator's log of these steps, after a genesis and the epochs up to this one. */
  log(...steps: readonly LogStep[]): SignedLogEntry[] {
    const { coordinator } = this.federation;
    let head = EMPTY_LOG;
    return [...this.federation.opening(), ...steps].map(([kind, body], i) => {
      const entry = appendEntry(nodePrimitives, coordinator.sign, head, { time: 1000 + i, kind, body });
      head = headOf(entry);
      return entry;
    });
  }
}

export type LogStep = readonly [kind: LogKind, body: JsonObject];
