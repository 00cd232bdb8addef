import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgePart, reshow } from '../../../test/forged-parts.ts';
import { JointQuery } from '../../../test/joint-federation.ts';
import { nodePrimitives } from '../../identity/node-primitives.ts';
import { toHex } from '../../public/encoding.ts';
import { BfvContext } from '../public/bfv-context.ts';
import { SummedTarget } from '../public/blinded-target.ts';
import type { BlindedPart } from '../public/blinded-target.ts';
import { addAll, switchTo } from '../public/evaluate.ts';
import { finalise } from '../public/finalise.ts';
import { JointCiphertext } from '../public/joint-ciphertext.ts';
import { PLAIN_MODULUS } from '../public/parameters.ts';
import { aggregatePartCommitments } from '../public/part-commitment.ts';
import { verifyPartial } from '../public/partial-decryption.ts';
import type { PartialShare } from '../public/partial-decryption.ts';
import type { Residues } from '../public/residues.ts';
import type { JointEncryptor } from './joint-encryptor.ts';

let context: BfvContext;
beforeAll(async () => {
  context = await BfvContext.create('worlds8192');
});
afterAll(() => context[Symbol.dispose]());

/** Slots that tell places apart: 1, 2, 3, ... */
const marked = (degree: number): Uint32Array => Uint32Array.from({ length: degree }, (_, i) => i + 1);
/** Every third world is reached. */
const reached = (degree: number): Uint32Array =>
  Uint32Array.from({ length: degree }, (_, i) => Number(i % 3 === 0));

/** `wanted` less the others' parts: with it, the sum of all parts is what its author wants. */
function less(wanted: JointCiphertext, others: readonly BlindedPart[]): JointCiphertext {
  const { level } = wanted;
  const primes = context.primesAt(level);
  const { degree } = context.parameters;
  const [c0, c1] = wanted.residues();
  for (const { bytes } of others) {
    using part = JointCiphertext.fromBytes(context, level, bytes);
    [c0, c1].forEach((half, i) => {
      const taken = part.residues()[i]!;
      primes.forEach((prime, k) => {
        for (let at = k * degree; at < (k + 1) * degree; at++)
          half[at] = (half[at]! + prime - taken[at]!) % prime;
      });
    });
  }
  return JointCiphertext.fromResidues(context, level, c0, c1);
}

/** A query of two in which org-2 committed in good time to a part of its own making, given at the highest level. */
function answeredWith(
  query: JointQuery,
  encryptor: JointEncryptor,
  worlds: Uint32Array,
  [c0, c1]: readonly [Residues, Residues],
): { sum: SummedTarget; mine: PartialShare } {
  const level = query.session.plan.targetLevel;
  using encrypted = encryptor.encrypt(worlds);
  using plain = switchTo(encrypted, level);
  using highest = JointCiphertext.fromResidues(context, encrypted.level, c0, c1);
  using made = switchTo(highest, level);
  const target = query.target(plain, encryptor);
  const held = query.members.map((member) => query.share(member).blind(target, encryptor));
  const twin = forgePart(query, target, held[1]!, made.toBytes());
  const all = [held[0]!, twin.commitment];
  const parts = [query.share('org-1').show(all), twin.show(all)];
  const sum = query.own(SummedTarget.aggregate(target, all, parts));
  // org-1 has no reason to refuse: every message is as it should be
  return { sum, mine: query.share('org-1').answer(sum) };
}

const T = BigInt(PLAIN_MODULUS);
const product = (primes: readonly bigint[]): bigint => primes.reduce((all, prime) => all * prime, 1n);
const centred = (value: bigint, modulus: bigint): bigint => {
  const least = value % modulus;
  return least > modulus / 2n ? least - modulus : least;
};

/** Centred coefficients modulo the product of the primes (Chinese remainders). */
function compose(residues: Residues, degree: number, primes: readonly bigint[]): bigint[] {
  const q = product(primes);
  const weights = primes.map((prime) => {
    const rest = q / prime;
    let inverse = 1n;
    for (let base = rest % prime, left = prime - 2n; left > 0n; left >>= 1n, base = (base * base) % prime) {
      if (left & 1n) inverse = (inverse * base) % prime;
    }
    return rest * inverse;
  });
  return Array.from({ length: degree }, (_, i) =>
    centred(
      weights.reduce((sum, weight, k) => sum + weight * residues[k * degree + i]!, 0n),
      q,
    ),
  );
}

describe('parts of the blinded target', () => {
  it('refuses a part that was chosen after the others were seen, which would open any vector on the way in every world', () => {
    using query = new JointQuery(context, 3);
    const { encryptor } = query.join();
    const { degree } = context.parameters;
    const level = query.session.plan.targetLevel;
    using zero = encryptor.encryptZero(level);
    using secret = encryptor.encrypt(marked(degree)); // a vector that no member may read
    using vector = switchTo(secret, level);
    const target = query.target(zero, encryptor);
    const held = query.members.map((member) => query.share(member).blind(target, encryptor));
    const honest = query.members.slice(0, 2).map((member) => query.share(member).show(held));

    using rushed = less(vector, honest);
    // the attack is real: those three parts would add up to the vector itself
    using sum = addAll(context, [
      query.own(JointCiphertext.fromBytes(context, level, honest[0]!.bytes)),
      query.own(JointCiphertext.fromBytes(context, level, honest[1]!.bytes)),
      rushed,
    ]);
    expect(query.decrypt(query.oracle(), sum)).toEqual(marked(degree));

    const chosen = forgePart(query, target, held[2]!, rushed.toBytes());
    expect(() => SummedTarget.aggregate(target, held, [...honest, chosen.show(held)])).toThrow(
      /JOINT_KEY_INVALID.*the part that org-3 committed to/,
    );
    // committed to once more, now that it is known: the others have signed what they saw before
    const late = [held[0]!, held[1]!, chosen.commitment];
    expect(() => SummedTarget.aggregate(target, late, [...honest, chosen.show(late)])).toThrow(
      /JOINT_KEY_INVALID.*org-1 to have seen the same commitments/,
    );
    // nor with a signature on the old list
    const { commitmentsHash } = honest[0]!.message;
    const old = reshow(query, chosen.show(late), { commitmentsHash });
    expect(() => SummedTarget.aggregate(target, held, [...honest, old])).toThrow(/JOINT_KEY_INVALID/);
  });

  it('shows no part before there is one good commitment of each member for this target', () => {
    using query = new JointQuery(context, 3);
    using other = new JointQuery(context, 3, { query: 'query-2' });
    const { encryptor } = query.join();
    const level = query.session.plan.targetLevel;
    using zero = encryptor.encryptZero(level);
    using another = encryptor.encryptZero(level);
    const target = query.target(zero, encryptor);
    const [a, b, c] = query.members.map((member) => query.share(member).blind(target, encryptor));
    const share = query.share('org-1');
    const under = other.join().encryptor;
    using foreign = under.encryptZero(level);
    const theirs = other.share('org-3').blind(other.target(foreign, under), under);
    for (const bad of [[], [a!, b!], [a!, b!, b!], [a!, b!, c!, c!], [a!, b!, { ...c!, member: 'org-9' }]]) {
      expect(() => share.show(bad)).toThrow(/JOINT_KEY_INVALID/);
    }
    expect(() => share.show([a!, b!, theirs])).toThrow(/JOINT_KEY_INVALID.*transcript/);
    expect(() => share.show([a!, b!, { ...c!, commitment: b!.commitment }])).toThrow(/SIGNATURE_INVALID/);
    expect(() => share.show([null as never, b!, c!])).toThrow(/JOINT_KEY_INVALID/);
    // the owner signed two targets: org-3 was given the other one
    const second = query.target(another, encryptor);
    const fork = forgePart(query, second, { ...c!, targetHash: second.hash }, another.toBytes());
    expect(() => share.show([a!, b!, fork.commitment])).toThrow(/JOINT_KEY_INVALID.*another from org-3/);
    const mine = forgePart(query, target, a!, another.toBytes());
    expect(() => share.show([mine.commitment, b!, c!])).toThrow(/the commitment that this member made/);
    expect(share.step).toBe('blinded'); // nothing was taken by what was refused
    expect(() => share.show([c!, a!, b!])).not.toThrow();
  });

  it('stops where members were shown different commitments', () => {
    using query = new JointQuery(context, 3);
    const { encryptor } = query.join();
    const level = query.session.plan.targetLevel;
    using zero = encryptor.encryptZero(level);
    const target = query.target(zero, encryptor);
    const held = query.members.map((member) => query.share(member).blind(target, encryptor));
    using exchanged = encryptor.encryptZero(level);
    const twin = forgePart(query, target, held[2]!, exchanged.toBytes());
    const fork = [held[0]!, held[1]!, twin.commitment];
    const parts = [query.share('org-1').show(held), query.share('org-2').show(fork)];
    expect(() => SummedTarget.aggregate(target, fork, [...parts, twin.show(fork)])).toThrow(
      /JOINT_KEY_INVALID.*org-1 to have seen the same commitments/,
    );
    expect(() => SummedTarget.aggregate(target, held, [...parts, query.share('org-3').show(held)])).toThrow(
      /JOINT_KEY_INVALID.*org-2 to have seen the same commitments/,
    );
  });

  it('answers no sum whose parts were held to other commitments than this member saw, though its own part is in it', () => {
    using query = new JointQuery(context, 2);
    const { encryptor } = query.join();
    const level = query.session.plan.targetLevel;
    using zero = encryptor.encryptZero(level);
    const { target, held, parts } = query.blind(zero, encryptor);
    using exchanged = encryptor.encryptZero(level);
    const twin = forgePart(query, target, held[1]!, exchanged.toBytes());
    const fork = [held[0]!, twin.commitment];
    const commitmentsHash = aggregatePartCommitments(target, fork);
    // whoever has org-1's long-term key signs its part again; the process of org-1 knows what it saw
    using sum = SummedTarget.aggregate(target, fork, [
      reshow(query, parts[0]!, { commitmentsHash }),
      twin.show(fork),
    ]);
    expect(sum.parts.get('org-1')).toBe(toHex(nodePrimitives.sha256(parts[0]!.bytes)));
    expect(() => query.share('org-1').answer(sum)).toThrow(/JOINT_KEY_INVALID.*other commitments/);
    expect(query.share('org-1').step).toBe('shown');
  });

  it('what remains: a part with a vector added beforehand shows that vector where the target is not reached, and nowhere else', () => {
    using query = new JointQuery(context, 2);
    const { encryptor } = query.join();
    const worlds = reached(context.parameters.degree);
    const secret = marked(context.parameters.degree);
    using vector = encryptor.encrypt(secret);
    const { sum } = answeredWith(query, encryptor, worlds, vector.residues());
    const opened = query.decrypt(query.oracle(), sum.ciphertext);
    const shown = opened.map((value, i) => Number(value === secret[i]));
    expect(shown).toEqual(worlds.map((one) => 1 - one)); // r is never zero
  });

  it('what remains: a part with a multiple of the key added beforehand, below the plaintext and above the smudging, tells the joint key', () => {
    using query = new JointQuery(context, 2);
    const { encryptor } = query.join();
    const { degree, primes } = context.parameters;
    const steps = BigInt(2 * query.members.length + 1);
    const q = product(primes);
    // (0, q / (t * 5)): a fifth of a step of the plaintext for every unit of a coefficient of the key
    const c1 = new BigUint64Array(degree * primes.length);
    primes.forEach((prime, k) => (c1[k * degree] = (q / (T * steps)) % prime));
    const { sum, mine } = answeredWith(query, encryptor, reached(degree), [
      new BigUint64Array(c1.length),
      c1,
    ]);

    // org-2 adds c1 * s_2 without any noise to org-1's partial, as only somebody with the partials can
    const last = context.primesAt(query.session.plan.finalLevel);
    const [c0Hat, c1Hat] = context.ring.toNtt(...sum.ciphertext.residues());
    using times = context.ring.multiplier(query.secrets.get('org-2')!);
    const total = context.ring.sum([verifyPartial(sum, mine), times.apply(c0Hat, c1Hat)]);
    const phase = compose(context.ring.fromNtt(total, c1Hat)[0], degree, last);
    const modulus = product(last);
    const read = phase.map((value) => {
      const below = centred(((value * T) % modulus) + modulus, modulus); // the plaintext drops out
      return Number((2n * below * steps + (below < 0n ? -modulus : modulus)) / (2n * modulus));
    });
    const secrets = query.members.map((member) => {
      const hat = query.secrets.get(member)!;
      return context.ring.fromNtt(hat, hat)[0];
    });
    const key = read.map((_, i) =>
      secrets.reduce((all, one) => all + Number(centred(one[i]!, primes[0]!)), 0),
    );
    expect(read).toEqual(key);
    // an honest combiner sees that something was wrong, when it is too late
    expect(query.oracle().invariantNoiseBudget(sum.ciphertext.handle)).toBeLessThan(
      query.session.plan.budgetBits,
    );
  });
});

describe('what a decoder let through', () => {
  it('is refused by name: nothing where a message should be, and partials of nobody', () => {
    using query = new JointQuery(context, 2);
    const { encryptor } = query.join();
    using zero = encryptor.encryptZero(query.session.plan.targetLevel);
    const { sum } = query.blind(zero, encryptor);
    const partial = query.share('org-1').answer(sum);
    const nobody = { ...partial, message: { ...partial.message, member: 7 as never } };
    expect(() => finalise(sum, [partial, nobody])).toThrow(/COMMITTEE_UNAVAILABLE/);
    expect(() => new JointQuery(context, 2, { members: ['org-1', 7 as never] })).toThrow(
      /TRANSCRIPT_INVALID/,
    );
  });
});
