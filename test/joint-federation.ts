import type { Decryptor, SecretKey } from 'node-seal';
import { nodePrimitives, systemRandom } from '../crypto/identity/node-primitives.ts';
import type { RandomBytes } from '../crypto/public/primitives.ts';
import { rosterHash } from '../crypto/public/roster.ts';
import type { BfvContext } from '../crypto/seal/public/bfv-context.ts';
import { SummedTarget } from '../crypto/seal/public/blinded-target.ts';
import type { BlindedPart } from '../crypto/seal/public/blinded-target.ts';
import type { JointCiphertext } from '../crypto/seal/public/joint-ciphertext.ts';
import { JointPublicKey } from '../crypto/seal/public/joint-key.ts';
import { JointTarget } from '../crypto/seal/public/joint-target.ts';
import { JointSession } from '../crypto/seal/public/joint-session.ts';
import type { JointTranscript } from '../crypto/seal/public/joint-transcript.ts';
import type { KeyCommitment } from '../crypto/seal/public/key-commitment.ts';
import type { JointSharePublic } from '../crypto/seal/public/key-reveal.ts';
import type { PartCommitment } from '../crypto/seal/public/part-commitment.ts';
import type { Residues } from '../crypto/seal/public/residues.ts';
import { savedBytes } from '../crypto/seal/public/saved.ts';
import { plaintextResidues, secretKeyBytes } from '../crypto/seal/public/serial.ts';
import { announceTarget } from '../crypto/seal/secret/announce-target.ts';
import { JointEncryptor } from '../crypto/seal/secret/joint-encryptor.ts';
import { JointShareSecret, ternaryKey } from '../crypto/seal/secret/joint-share.ts';
import { TestFederation } from './crypto-federation.ts';

/**
 * One query of some members with a joint key, and the oracle to compare it with: the sum of the members' secrets as one
 * SEAL secret key. Everything is disposed of with the query.
 */
export class JointQuery implements Disposable {
  readonly federation: TestFederation;
  readonly context: BfvContext;
  readonly session: JointSession;
  readonly members: readonly string[];
  readonly shares = new Map<string, JointShareSecret>();
  /** s_i, NTT form, by member, as no real party has them together. */
  readonly secrets = new Map<string, Residues>();
  readonly #owned = new DisposableStack();

  constructor(context: BfvContext, members: number, overrides: Partial<JointTranscript> = {}) {
    this.context = context;
    this.federation = new TestFederation(Math.max(3, members));
    const { roster } = this.federation;
    this.members = roster.members.slice(0, members).map(({ id }) => id);
    const transcript: JointTranscript = {
      consortium: roster.consortium,
      epoch: roster.epoch,
      rosterHash: rosterHash(nodePrimitives, roster),
      query: 'query-1',
      members: this.members,
      targetOwner: this.members[0] ?? '',
      parameters: context.set,
      crossings: 1,
      terms: 2,
      ...overrides,
    };
    this.session = this.#owned.use(new JointSession(context, nodePrimitives, transcript, roster));
  }

  own<T extends Disposable>(object: T): T {
    return this.#owned.use(object);
  }

  sample(member: string): JointShareSecret {
    return this.sampleWith(member, systemRandom);
  }

  sampleWith(member: string, random: RandomBytes): JointShareSecret {
    const share = JointShareSecret.sample(this.session, member, {
      random,
      sign: this.federation.key(member).sign,
      makeKey: (seal, context) => {
        const key = ternaryKey(seal, context);
        const { degree } = this.context.parameters;
        const residues = plaintextResidues(savedBytes(seal, key));
        this.secrets.set(member, residues.slice(0, degree * this.context.keyPrimes.length));
        return key;
      },
    });
    this.shares.set(member, this.own(share));
    return share;
  }

  share(member: string): JointShareSecret {
    return this.shares.get(member) ?? this.sample(member);
  }

  commitments(): KeyCommitment[] {
    return this.members.map((member) => this.share(member).commit());
  }

  reveals(commitments: readonly KeyCommitment[]): JointSharePublic[] {
    return this.members.map((member) => this.share(member).reveal(commitments));
  }

  aggregate(commitments: readonly KeyCommitment[], reveals: readonly JointSharePublic[]): JointPublicKey {
    return JointPublicKey.aggregate(this.session, commitments, reveals);
  }

  /** The whole key generation; every member joins. */
  join(): { jointKey: JointPublicKey; encryptor: JointEncryptor } {
    const commitments = this.commitments();
    const reveals = this.reveals(commitments);
    const jointKey = this.own(this.aggregate(commitments, reveals));
    for (const member of this.members) this.share(member).join(jointKey);
    return { jointKey, encryptor: this.own(new JointEncryptor(jointKey)) };
  }

  /** The target as its owner signs it. */
  target(ciphertext: JointCiphertext, { jointKey }: JointEncryptor): JointTarget {
    const { sign } = this.federation.key(this.session.transcript.targetOwner);
    return this.own(JointTarget.verify(jointKey, announceTarget(jointKey, ciphertext, sign)));
  }

  /** Every member blinds the target; the sum as each would compute it. */
  blind(
    ciphertext: JointCiphertext,
    encryptor: JointEncryptor,
  ): { target: JointTarget; held: PartCommitment[]; parts: BlindedPart[]; sum: SummedTarget } {
    const target = this.target(ciphertext, encryptor);
    const held = this.members.map((member) => this.share(member).blind(target, encryptor));
    const parts = this.members.map((member) => this.share(member).show(held));
    return { target, held, parts, sum: this.own(SummedTarget.aggregate(target, held, parts)) };
  }

  /** The secret of the joint key as SEAL's decryptor: what one holder of all keys would have. */
  oracle(): Decryptor {
    const { degree } = this.context.parameters;
    const sum = new BigUint64Array(degree * this.context.keyPrimes.length);
    this.context.keyPrimes.forEach((prime, k) => {
      for (let i = k * degree; i < (k + 1) * degree; i++) {
        for (const secret of this.secrets.values()) sum[i] = ((sum[i] ?? 0n) + (secret[i] ?? 0n)) % prime;
      }
    });
    using key: SecretKey = new this.context.seal.SecretKey();
    key.loadFromArray(this.context.context, secretKeyBytes(this.context.keyLevel.parmsIdBytes, sum));
    return this.own(new this.context.seal.Decryptor(this.context.context, key));
  }

  /** The slots of a ciphertext, by the oracle. */
  decrypt(decryptor: Decryptor, ciphertext: JointCiphertext): Uint32Array {
    using plain = new this.context.seal.Plaintext();
    decryptor.decrypt(ciphertext.handle, plain);
    return Uint32Array.from(this.context.encoder.decodeBigUint64(plain) as BigUint64Array, Number);
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}
