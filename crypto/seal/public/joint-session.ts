import { fromHex } from '../../public/encoding.ts';
import { CryptoError } from '../../public/errors.ts';
import type { PublicPrimitives } from '../../public/primitives.ts';
import { memberOf } from '../../public/roster.ts';
import type { Roster } from '../../public/roster.ts';
import type { BfvContext } from './bfv-context.ts';
import { commonPolynomial } from './common-polynomial.ts';
import { jointTranscriptHash, verifyJointTranscript } from './joint-transcript.ts';
import type { JointTranscript } from './joint-transcript.ts';
import type { Plan } from './plan.ts';
import type { Residues } from './residues.ts';
import type { Multiplier } from './rns-ring.ts';

/** One query as a party sees it: a verified transcript and what follows from it. Holds no secret. */
export class JointSession implements Disposable {
  readonly context: BfvContext;
  readonly primitives: PublicPrimitives;
  readonly roster: Roster;
  readonly transcript: JointTranscript;
  /** Hex. */
  readonly hash: string;
  readonly plan: Plan;
  /** a, NTT form, all primes of the key level. */
  readonly common: Residues;
  /** Multiplies by a. */
  readonly timesCommon: Multiplier;

  /**
   * @param context of the transcript's parameter set; it must outlive the session
   * @throws CryptoError TRANSCRIPT_INVALID, ROSTER_INVALID, CONFIG_INVALID
   */
  constructor(
    context: BfvContext,
    primitives: PublicPrimitives,
    transcript: JointTranscript,
    roster: Roster,
  ) {
    this.plan = verifyJointTranscript(primitives, transcript, roster);
    if (context.set !== transcript.parameters) {
      throw new CryptoError('CONFIG_INVALID', {
        expected: `a context of ${transcript.parameters}`,
        got: context.set,
        next: 'make the context that the transcript names',
      });
    }
    this.context = context;
    this.primitives = primitives;
    this.roster = roster;
    this.transcript = transcript;
    this.hash = jointTranscriptHash(primitives, transcript);
    this.common = commonPolynomial(
      primitives,
      fromHex(this.hash, 32),
      context.parameters.degree,
      context.keyPrimes,
    );
    this.timesCommon = context.ring.multiplier(this.common);
  }

  /** Long-term key of a member of this query. @throws CryptoError JOINT_KEY_INVALID for anybody else */
  signKeyOf(member: string): string {
    if (this.transcript.members.includes(member)) return memberOf(this.roster, member).signKey;
    throw new CryptoError('JOINT_KEY_INVALID', {
      expected: `one of ${this.transcript.members.join(', ')}`,
      got: JSON.stringify(member.slice(0, 80)),
      next: 'refuse what it sent; it has no part in this query',
    });
  }

  [Symbol.dispose](): void {
    this.timesCommon[Symbol.dispose]();
  }
}
