import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JointQuery } from '../../../test/joint-federation.ts';
import { BfvContext } from '../public/bfv-context.ts';
import { addAll, encodeMask, maskedSum, prepare, switchTo } from '../public/evaluate.ts';
import { combine, finalise } from '../public/finalise.ts';
import { JointCiphertext } from '../public/joint-ciphertext.ts';
import { bitLength } from '../public/noise.ts';
import { PLAIN_MODULUS } from '../public/parameters.ts';
import { verifyPartial } from '../public/partial-decryption.ts';

const P = BigInt(PLAIN_MODULUS);
let context: BfvContext;
beforeAll(async () => {
  context = await BfvContext.create('worlds8192');
});
afterAll(() => context[Symbol.dispose]());

/** Slots from a linear congruential generator (Knuth, MMIX). */
function slots(seed: number, below = PLAIN_MODULUS): Uint32Array {
  let state = BigInt(seed) * 2862933555777941757n + 3037000493n;
  return Uint32Array.from({ length: context.parameters.degree }, () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(below));
  });
}

/** x1 + sum of x*m, slot by slot, modulo p, in plain arithmetic. */
function plainSum(x1: Uint32Array, products: readonly (readonly [Uint32Array, Uint32Array])[]): Uint32Array {
  return x1.map((v, i) =>
    Number(products.reduce((sum, [x, m]) => sum + BigInt(x[i] ?? 0) * BigInt(m[i] ?? 0), BigInt(v)) % P),
  );
}

describe('joint-key BFV', () => {
  it('opens what plain arithmetic gives, and one SEAL key of the summed secrets agrees at every step, for 2 to 15 members', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 15 }),
        fc.integer({ min: 1, max: 2 ** 20 }),
        fc.boolean(),
        (members, seed, sparse) => {
          using query = new JointQuery(context, members);
          const { plan } = query.session;
          const { encryptor } = query.join();
          const oracle = query.oracle();

          const x = [slots(seed, 2), slots(seed + 1, 2)];
          const masks = [slots(seed + 2), sparse ? slots(0).fill(0) : slots(seed + 3, 2)];
          const x1 = slots(seed + 4, 3);
          using a = encryptor.encrypt(x[0]!);
          using b = encryptor.encrypt(x[1]!);
          expect(query.decrypt(oracle, a)).toEqual(x[0]);

          using fa = prepare(a);
          using fb = prepare(b);
          using ma = encodeMask(context, a.level, masks[0]!);
          using mb = encodeMask(context, b.level, masks[1]!);
          using zero = encryptor.encryptZero(a.level);
          using first = encryptor.encrypt(x1);
          using product = maskedSum(
            context,
            [
              { factor: fa, mask: ma },
              { factor: fb, mask: mb },
            ],
            [zero, first],
          );
          using target = switchTo(product, plan.targetLevel);
          const expected = plainSum(x1, [
            [x[0]!, masks[0]!],
            [x[1]!, masks[1]!],
          ]);
          expect(query.decrypt(oracle, target)).toEqual(expected);

          const { sum } = query.blind(target, encryptor);
          const partials = query.members.map((member) => query.share(member).answer(sum));
          const opened = finalise(sum, partials);
          expect(opened).toEqual(query.decrypt(oracle, sum.ciphertext));
          const lost = opened.filter((v, i) => (v !== 0) !== (expected[i] !== 0)).length;
          // a nonzero world is lost where the blinding factors add up to zero: one in 65,537, so 9 of 8,192 never happens
          expect(lost).toBeLessThan(9);
          expect(opened.some((v, i) => v !== 0 && expected[i] === 0)).toBe(false);
        },
      ),
      {
        numRuns: 4,
        examples: [
          [2, 1, false],
          [15, 7, true],
        ],
      },
    );
  }, 120_000);

  it('keeps the noise of a whole query below the bound of its plan, measured by SEAL', () => {
    using query = new JointQuery(context, 3, { terms: 2 });
    const { plan } = query.session;
    const { encryptor } = query.join();
    const oracle = query.oracle();
    using x = encryptor.encrypt(slots(1));
    using factor = prepare(x);
    using mask = encodeMask(context, x.level, slots(2));
    using zero = encryptor.encryptZero(x.level);
    using y = maskedSum(
      context,
      [
        { factor, mask },
        { factor, mask },
      ],
      [zero, x],
    );
    using target = switchTo(y, plan.targetLevel);
    const { sum } = query.blind(target, encryptor);
    const q = context.primesAt(plan.finalLevel).reduce((product, prime) => product * prime, 1n);
    const promised = bitLength(q / (P * plan.finalNoise)) - 2;
    expect(oracle.invariantNoiseBudget(sum.ciphertext.handle)).toBeGreaterThanOrEqual(promised);
    const partials = query.members.map((member) => verifyPartial(sum, query.share(member).answer(sum)));
    const { budgetBits } = combine(sum, partials);
    expect(budgetBits).toBeGreaterThanOrEqual(plan.budgetBits);
    // smudging, not the computation, decides what is left: it is there
    expect(budgetBits).toBeLessThan(plan.budgetBits + 4);
  });

  it('gives nothing with a partial missing: no budget, slots that are unlike the result, and an error by name', () => {
    using query = new JointQuery(context, 3);
    const { encryptor } = query.join();
    using target = encryptor.encrypt(new Uint32Array(context.parameters.degree)); // all worlds zero
    const { sum } = query.blind(target, encryptor);
    const partials = query.members.map((member) => query.share(member).answer(sum));
    const residues = partials.map((partial) => verifyPartial(sum, partial));
    expect(combine(sum, residues).slots.every((v) => v === 0)).toBe(true);
    for (let left = 0; left < 3; left++) {
      const { slots: read, budgetBits } = combine(
        sum,
        residues.filter((_, i) => i !== left),
      );
      expect(budgetBits).toBe(0);
      // uniform: about 0.125 zeros in 8,192 slots
      expect(read.filter((v) => v === 0).length).toBeLessThan(9);
      expect(() =>
        finalise(
          sum,
          partials.filter((_, i) => i !== left),
        ),
      ).toThrow(/COMMITTEE_UNAVAILABLE.*org-/);
    }
    const damaged = residues.map((one) => one.slice());
    damaged[1]![5] = (damaged[1]![5]! + 12345678901234n) % context.parameters.primes[0]!;
    expect(combine(sum, damaged).budgetBits).toBeLessThan(query.session.plan.budgetBits);
  });

  it('carries ciphertexts over the wire at every level, and adds them', () => {
    using query = new JointQuery(context, 2);
    const { encryptor } = query.join();
    const oracle = query.oracle();
    const values = slots(9);
    using x = encryptor.encrypt(values);
    for (const level of [3, 2]) {
      using lower = switchTo(x, level);
      const bytes = lower.toBytes();
      expect(bytes.length).toBe(2 * level * 7 * context.parameters.degree);
      using back = JointCiphertext.fromBytes(context, level, bytes);
      expect(back.toBytes()).toEqual(bytes);
      using twice = addAll(context, [back, lower]);
      expect(query.decrypt(oracle, twice)).toEqual(values.map((v) => (2 * v) % PLAIN_MODULUS));
    }
  });
});
