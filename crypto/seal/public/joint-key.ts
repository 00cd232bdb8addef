import type { PublicKey } from 'node-seal';
import { toHex } from '../../public/encoding.ts';
import type { JointSession } from './joint-session.ts';
import { aggregateCommitments, checkEachOnce } from './key-commitment.ts';
import type { KeyCommitment } from './key-commitment.ts';
import { verifyKeyReveal } from './key-reveal.ts';
import type { JointSharePublic } from './key-reveal.ts';
import { packResidues } from './residues.ts';
import type { Residues } from './residues.ts';
import { accepted, filled } from './runtime.ts';
import { ciphertextBytes } from './serial.ts';
import type { BfvContext } from './bfv-context.ts';

/** The joint public key (b, a) with b the sum of all b_i: the secret is the sum of all s_i, which nobody has. */
export class JointPublicKey implements Disposable {
  readonly session: JointSession;
  /** For SEAL's encryptor; belongs to this. */
  readonly handle: PublicKey;
  /** SHA-256 of the packed b, hex. */
  readonly hash: string;
  /** Key hashes of the members, by id. */
  readonly keyHashes: ReadonlyMap<string, string>;

  private constructor(
    session: JointSession,
    handle: PublicKey,
    hash: string,
    keyHashes: ReadonlyMap<string, string>,
  ) {
    this.session = session;
    this.handle = handle;
    this.hash = hash;
    this.keyHashes = keyHashes;
  }

  /**
   * Verifies every commitment and every revealed key, adds the keys and loads the sum into SEAL.
   * @throws CryptoError JOINT_KEY_INVALID, SIGNATURE_INVALID, ENCODING_INVALID
   */
  static aggregate(
    session: JointSession,
    commitments: readonly KeyCommitment[],
    shares: readonly JointSharePublic[],
  ): JointPublicKey {
    const seen = aggregateCommitments(session, commitments);
    checkEachOnce(
      session,
      shares.map(({ reveal }) => reveal),
      'revealed key',
    );
    const keys = shares.map((share) => verifyKeyReveal(session, share, commitments, seen));
    const { context, primitives } = session;
    const sum = context.ring.sum(keys);
    const hash = toHex(primitives.sha256(packResidues(sum, context.parameters.degree, context.keyPrimes)));
    const keyHashes = new Map(shares.map(({ reveal }) => [reveal.member, reveal.keyHash]));
    return new JointPublicKey(session, loadPublicKey(context, sum, session.common), hash, keyHashes);
  }

  [Symbol.dispose](): void {
    this.handle.delete();
  }
}

/** (b, a), both NTT form at the key level, as a public key of SEAL; the caller disposes of it. */
export function loadPublicKey(context: BfvContext, b: Residues, a: Residues): PublicKey {
  const bytes = ciphertextBytes(context.keyLevel.parmsIdBytes, true, context.parameters.degree, [b, a]);
  return filled(new context.seal.PublicKey(), (empty) => {
    accepted(context.seal, 'a public key', () => empty.loadFromArray(context.context, bytes));
  });
}
