import { inspect } from 'node:util';
import { toBase64Url, toHex } from '../../public/encoding.ts';
import { CryptoError } from '../../public/errors.ts';
import type { RandomBytes } from '../../public/primitives.ts';
import { signFields } from '../../public/signed.ts';
import type { Sign } from '../../public/signed.ts';
import type { BlindedPart, SummedTarget } from '../public/blinded-target.ts';
import type { JointTarget } from '../public/joint-target.ts';
import type { JointPublicKey } from '../public/joint-key.ts';
import type { JointSession } from '../public/joint-session.ts';
import { aggregateCommitments, commitmentOf } from '../public/key-commitment.ts';
import type { KeyCommitment } from '../public/key-commitment.ts';
import type { PartCommitment } from '../public/part-commitment.ts';
import type { JointSharePublic } from '../public/key-reveal.ts';
import type { PartialShare } from '../public/partial-decryption.ts';
import { liftSmall, packResidues } from '../public/residues.ts';
import type { Residues } from '../public/residues.ts';
import type { MakeKey, Multiplier } from '../public/rns-ring.ts';
import { blind, showPart } from './blind.ts';
import type { HeldPart } from './blind.ts';
import type { JointEncryptor } from './joint-encryptor.ts';
import { decryptPartially } from './partial.ts';
import { provePossession } from './possession-proof.ts';
import { sampleError } from './small-noise.ts';

/** Each step once, in this order; erased from anywhere, and final. */
export type JointShareStep =
  'sampled' | 'committed' | 'revealed' | 'joined' | 'blinded' | 'shown' | 'answered' | 'erased';

/** A fresh uniform ternary key by SEAL's key generator, seeded by the system; it never leaves memory that SEAL wipes. */
export const ternaryKey: MakeKey = (seal, context) => {
  using generator = new seal.KeyGenerator(context);
  return generator.secretKey();
};

/** What a member's share is made with. */
export interface JointShareModules {
  readonly random: RandomBytes;
  /** The member's long-term key. */
  readonly sign: Sign;
  /** `ternaryKey`, but for tests that must know the secret to compare with. */
  readonly makeKey?: MakeKey;
}

/**
 * A member's share (s_i, e_i) of one joint key: for one query, for one answer. Its methods are the steps of the protocol, in
 * order; any other order, and any second time, is KEY_SPENT. s_i has no export: a crash or a restart loses it, and with it
 * the query.
 */
export class JointShareSecret implements Disposable {
  readonly member: string;
  #step: JointShareStep = 'sampled';
  readonly #session: JointSession;
  readonly #modules: JointShareModules;
  readonly #secret: Multiplier;
  readonly #error: Int32Array;
  readonly #key: Residues;
  readonly #keyBytes: Uint8Array;
  readonly #keyHash: string;
  readonly #nonce: string;
  #commitment: string | null = null;
  #jointKeyHash: string | null = null;
  #held: HeldPart | null = null;
  #shown: BlindedPart['message'] | null = null;

  private constructor(session: JointSession, member: string, modules: JointShareModules) {
    session.signKeyOf(member);
    const { ring, parameters } = session.context;
    using owned = new DisposableStack();
    this.#session = session;
    this.member = member;
    this.#modules = modules;
    this.#secret = owned.use(ring.keyedMultiplier(modules.makeKey ?? ternaryKey));
    this.#error = sampleError(modules.random, parameters.degree);
    const lifted = liftSmall(this.#error, ring.primes);
    const [errorHat] = ring.toNtt(lifted, lifted);
    this.#key = ring.negate(this.#secret.apply(errorHat, session.common));
    lifted.fill(0n);
    errorHat.fill(0n);
    this.#keyBytes = packResidues(this.#key, parameters.degree, ring.primes);
    this.#keyHash = toHex(session.primitives.sha256(this.#keyBytes));
    this.#nonce = toBase64Url(modules.random(32));
    owned.move();
  }

  /** Samples s_i (uniform ternary) and e_i (centred binomial) and computes b_i = -(a*s_i + e_i). */
  static sample(session: JointSession, member: string, modules: JointShareModules): JointShareSecret {
    return new JointShareSecret(session, member, modules);
  }

  /** Where this key stands. */
  get step(): JointShareStep {
    return this.#step;
  }

  /** Step 1: the commitment to b_i. */
  commit(): KeyCommitment {
    this.#take('sampled', 'committed');
    const { primitives, hash } = this.#session;
    const opening = {
      member: this.member,
      transcriptHash: hash,
      keyHash: this.#keyHash,
      nonce: this.#nonce,
    };
    this.#commitment = commitmentOf(primitives, opening);
    return signFields(this.#modules.sign, 'cordon/v1/joint-key-commitment', {
      member: this.member,
      transcriptHash: hash,
      commitment: this.#commitment,
    });
  }

  /**
   * Step 2, once the commitments of all members are there: b_i with its proof of possession.
   * @throws CryptoError JOINT_KEY_INVALID, SIGNATURE_INVALID where a commitment is missing or bad, or one's own is not
   *   among them; the step is then not taken. KEY_SPENT
   */
  reveal(commitments: readonly KeyCommitment[]): JointSharePublic {
    this.#require('committed');
    const session = this.#session;
    const commitmentsHash = aggregateCommitments(session, commitments);
    if (!commitments.some((one) => one.member === this.member && one.commitment === this.#commitment)) {
      throw new CryptoError('JOINT_KEY_INVALID', {
        expected: 'the commitment that this member made',
        got: 'another one in its name',
        next: 'reveal nothing; somebody else signs with the key of this member, or it runs twice',
      });
    }
    this.#take('committed', 'revealed');
    const proof = provePossession(
      session,
      this.member,
      this.#keyHash,
      this.#secret,
      this.#error,
      this.#modules.random,
    );
    this.#error.fill(0);
    const reveal = signFields(this.#modules.sign, 'cordon/v1/joint-key-reveal', {
      member: this.member,
      transcriptHash: session.hash,
      commitmentsHash,
      keyHash: this.#keyHash,
      nonce: this.#nonce,
      proofHash: toHex(session.primitives.sha256(proof)),
    });
    return { reveal, key: this.#keyBytes, proof };
  }

  /**
   * Step 3, once all keys are revealed: binds this share to the joint key that the member has verified and added itself.
   * @throws CryptoError JOINT_KEY_INVALID where the member's own part is not in it; the step is then not taken. KEY_SPENT
   */
  join(jointKey: JointPublicKey): void {
    this.#require('revealed');
    if (jointKey.session !== this.#session || jointKey.keyHashes.get(this.member) !== this.#keyHash) {
      throw new CryptoError('JOINT_KEY_INVALID', {
        expected: 'a joint key of this query with the key that this member revealed',
        got: 'another one in its name, or another query',
        next: 'encrypt nothing under this joint key',
      });
    }
    this.#take('revealed', 'joined');
    this.#jointKeyHash = jointKey.hash;
  }

  /**
   * Step 4: makes this member's part of what will be opened, r_i * T + Enc(0), and commits to it; the part stays here.
   * @param target T, as its owner signed it
   * @throws CryptoError KEY_SPENT, JOINT_KEY_INVALID for a target or an encryptor of another key
   */
  blind(target: JointTarget, encryptor: JointEncryptor): PartCommitment {
    this.#require('joined');
    this.#own(target.jointKey);
    this.#own(encryptor.jointKey);
    const { random, sign } = this.#modules;
    const held = blind(encryptor, target, this.member, random, sign);
    this.#take('joined', 'blinded');
    this.#held = held;
    return held.commitment;
  }

  /**
   * Step 5, once the commitments of all members to their parts are there: this member's part, signed.
   * @throws CryptoError JOINT_KEY_INVALID, SIGNATURE_INVALID where a commitment is missing or bad, or one's own is not
   *   among them; the step is then not taken. KEY_SPENT
   */
  show(commitments: readonly PartCommitment[]): BlindedPart {
    this.#require('blinded');
    if (this.#held === null) throw new RangeError('blinded without a part');
    const part = showPart(this.#held, commitments, this.#modules.sign);
    this.#take('blinded', 'shown');
    this.#held = null;
    this.#shown = part.message;
    return part;
  }

  /**
   * Step 6, the last: the smudged partial decryption c1*s_i + e of the one sum, signed. The key is erased whatever happens
   * after the checks.
   * @param target the sum that this member computed itself
   * @throws CryptoError KEY_SPENT for a second answer, JOINT_KEY_INVALID for the sum of another key, one without this
   *   member's own part, or one of parts that were held to other commitments than this member saw
   */
  answer(target: SummedTarget): PartialShare {
    this.#require('shown');
    this.#own(target.jointKey);
    const shown = this.#shown;
    if (
      target.parts.get(this.member) !== shown?.partHash ||
      target.commitmentsHash !== shown?.commitmentsHash
    ) {
      throw new CryptoError('JOINT_KEY_INVALID', {
        expected: 'a sum with the part that this member blinded, all parts as they were committed to',
        got: 'another part in its name, or other commitments',
        next: 'answer nothing; begin a new query',
      });
    }
    this.#take('shown', 'answered');
    try {
      const { random, sign } = this.#modules;
      return decryptPartially(target, this.member, this.#secret, random, sign);
    } finally {
      this.#wipe();
    }
  }

  /**
   * Erases the share from whatever step. SEAL overwrites its copies of s_i when they are freed; products with s_i that
   * passed through the WebAssembly heap (all of them published, but for proofs thrown away) are freed and not overwritten.
   */
  erase(): void {
    if (this.#step === 'erased') return;
    if (this.#step !== 'answered') this.#wipe();
    this.#step = 'erased';
  }

  [Symbol.dispose](): void {
    this.erase();
  }

  toJSON(): { member: string; step: JointShareStep } {
    return { member: this.member, step: this.#step };
  }

  [inspect.custom](): string {
    return `JointShareSecret(${this.#session.transcript.query} ${this.member}, ${this.#step})`;
  }

  #wipe(): void {
    this.#secret[Symbol.dispose]();
    this.#error.fill(0);
    this.#held = null;
  }

  #own(jointKey: JointPublicKey): void {
    if (jointKey.session === this.#session && jointKey.hash === this.#jointKeyHash) return;
    throw new CryptoError('JOINT_KEY_INVALID', {
      expected: 'something under the joint key of this share',
      got: 'something under another one',
      next: 'use each share for its own query alone',
    });
  }

  #require(step: JointShareStep): void {
    if (this.#step === step) return;
    throw new CryptoError('KEY_SPENT', {
      expected: `a joint share that is ${step}`,
      got: `one that is ${this.#step}`,
      next: 'sample a new share for every query; a member answers once',
    });
  }

  #take(from: JointShareStep, to: JointShareStep): void {
    this.#require(from);
    this.#step = to;
  }
}
