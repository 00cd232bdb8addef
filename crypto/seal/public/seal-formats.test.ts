import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BfvContext } from './bfv-context.ts';
import { JointCiphertext } from './joint-ciphertext.ts';
import { loadPublicKey } from './joint-key.ts';
import { BFV_SETS, PARAMETER_SETS, PLAIN_MODULUS } from './parameters.ts';
import { centreSmall, liftSmall, packedBytes, packResidues, unpackResidues } from './residues.ts';
import { loadSeal } from './runtime.ts';
import { savedBytes } from './saved.ts';
import { ciphertextBytes, ciphertextResidues, plaintextResidues, secretKeyBytes } from './serial.ts';

let context: BfvContext;
beforeAll(async () => {
  context = await BfvContext.create('worlds8192');
});
afterAll(() => context[Symbol.dispose]());

describe('the serialisation that SEAL 4.1 writes itself', () => {
  it('is met byte for byte: public key, secret key, ciphertexts of every level', () => {
    const { seal, evaluator } = context;
    const { degree } = context.parameters;
    using generator = new seal.KeyGenerator(context.context);
    using publicKey = generator.createPublicKey();
    using secretKey = generator.secretKey();
    const { parmsIdBytes } = context.keyLevel;

    const savedPublic = savedBytes(seal, publicKey);
    const [b, a] = ciphertextResidues(savedPublic);
    expect(ciphertextBytes(parmsIdBytes, true, degree, [b, a])).toEqual(Uint8Array.from(savedPublic));
    using again = loadPublicKey(context, b, a);
    expect(savedBytes(seal, again)).toEqual(savedPublic);

    const savedSecret = savedBytes(seal, secretKey);
    expect(secretKeyBytes(parmsIdBytes, plaintextResidues(savedSecret))).toEqual(
      Uint8Array.from(savedSecret),
    );

    using encryptor = new seal.Encryptor(context.context, again);
    using ciphertext = new seal.Ciphertext();
    encryptor.encryptZero(ciphertext);
    for (let level = context.parameters.primes.length; level >= 1; level--) {
      const saved = savedBytes(seal, ciphertext);
      const halves = ciphertextResidues(saved);
      expect(halves[0].length).toBe(level * degree);
      expect(ciphertextBytes(context.level(level).parmsIdBytes, false, degree, halves)).toEqual(
        Uint8Array.from(saved),
      );
      if (level > 1) evaluator.cipherModSwitchToNextInplace(ciphertext);
    }
  });

  it('b of a key that SEAL made is -(a*s + e) with |e| at most 21, by the ring calculator', () => {
    const { seal, ring } = context;
    const { degree } = context.parameters;
    using generator = new seal.KeyGenerator(context.context);
    using publicKey = generator.createPublicKey();
    using secretKey = generator.secretKey();
    const [b, a] = ciphertextResidues(savedBytes(seal, publicKey));
    using timesSecret = ring.multiplier(plaintextResidues(savedBytes(seal, secretKey)));
    const minusError = timesSecret.apply(b, a);
    const [coefficients] = ring.fromNtt(minusError, minusError);
    const error = centreSmall(coefficients, degree, ring.primes[0]!);
    expect(Math.max(...error.map(Math.abs))).toBeLessThanOrEqual(21);
    expect(error.some((e) => e !== 0)).toBe(true);
    expect(liftSmall(error, ring.primes)).toEqual(coefficients); // the same at every prime
  });
});

describe('the parameter sets', () => {
  it('have the primes that SEAL itself chooses for these sizes, and pass its check for 128 bits', async () => {
    const seal = await loadSeal();
    for (const set of PARAMETER_SETS) {
      const { degree, primes, special } = BFV_SETS[set];
      const bits = [...primes, special].map((prime) => prime.toString(2).length);
      using chosen = seal.CoeffModulus.Create(degree, Int32Array.from(bits));
      expect([...(seal.jsArrayFromVecModulus(chosen) as BigUint64Array)]).toEqual([...primes, special]);
      const total = bits.reduce((sum, b) => sum + b, 0);
      expect(total).toBeLessThanOrEqual(seal.CoeffModulus.MaxBitCount(degree, seal.SecLevelType.tc128));
      // the standard's table for a quantum attacker, ternary secrets
      expect(total).toBeLessThanOrEqual(degree === 8192 ? 202 : 411);
      expect(special).not.toBe(BigInt(PLAIN_MODULUS));
      expect((PLAIN_MODULUS - 1) % (2 * degree)).toBe(0);
    }
  });
});

describe('the ring calculator', () => {
  it('multiplies as the schoolbook product in Z[X]/(X^N + 1) does, at every level', () => {
    const { ring } = context;
    const { degree } = context.parameters;
    const small = fc.array(fc.tuple(fc.nat(degree - 1), fc.integer({ min: -1000, max: 1000 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(small, small, fc.integer({ min: 1, max: 4 }), (left, right, level) => {
        const x = new Int32Array(degree);
        const y = new Int32Array(degree);
        for (const [i, v] of left) x[i] = v;
        for (const [i, v] of right) y[i] = v;
        y[0] = 1 + (y[0] ?? 0); // SEAL transforms no pair whose second half is zero
        if (y.every((v) => v === 0)) y[0] = 1;
        const product = new Int32Array(degree);
        x.forEach((xi, i) => {
          if (xi === 0) return;
          y.forEach((yj, j) => {
            if (yj === 0) return;
            const at = (i + j) % degree;
            product[at] = (product[at] ?? 0) + (i + j < degree ? 1 : -1) * xi * yj;
          });
        });
        const primes = ring.primes;
        const [xHat, yHat] = ring.toNtt(liftSmall(x, primes), liftSmall(y, primes));
        using timesX = ring.multiplier(xHat);
        const cut = level * degree;
        const zero = new BigUint64Array(cut);
        const hat = timesX.apply(zero, yHat.slice(0, cut));
        const [, out] = ring.fromNtt(yHat.slice(0, cut), x.some((v) => v !== 0) ? hat : yHat.slice(0, cut));
        if (x.some((v) => v !== 0)) expect(out).toEqual(liftSmall(product, primes.slice(0, level)));
      }),
      { numRuns: 20 },
    );
  });

  it('adds and negates exactly', () => {
    const { ring } = context;
    const x = liftSmall(
      Int32Array.from({ length: 8192 }, (_, i) => i - 4000),
      ring.primes,
    );
    expect(ring.sum([x, x, ring.negate(x)])).toEqual(x);
    expect(() => ring.sum([x, ring.negate(x)])).toThrow(/ENCODING_INVALID.*transparent/);
  });

  it('refuses residues that are none and lengths of no level', () => {
    const { ring } = context;
    const bad = new BigUint64Array(8192).fill(ring.primes[0]!);
    expect(() => ring.negate(bad)).toThrow(/ENCODING_INVALID/);
    expect(() => ring.negate(new BigUint64Array(100))).toThrow(/SHAPE_MISMATCH/);
  });
});

describe('residues on the wire', () => {
  it('come back as they went, in as many bytes as the prime has', () => {
    const primes = context.keyPrimes;
    const residues = new BigUint64Array(8192 * primes.length);
    primes.forEach((prime, k) => {
      for (let i = 0; i < 8192; i++) {
        residues[k * 8192 + i] = i % 2 === 0 ? prime - 1n - BigInt(i) : BigInt(i) ** 3n % prime;
      }
    });
    const packed = packResidues(residues, 8192, primes);
    expect(packed.length).toBe(8192 * (7 + 7 + 7 + 3));
    expect(packed.length).toBe(packedBytes(8192, primes));
    expect(unpackResidues(packed, 8192, primes)).toEqual(residues);
    expect(() => unpackResidues(packed.subarray(1), 8192, primes)).toThrow(/ENCODING_INVALID/);
  });

  it('lift and centre small numbers of either sign, and 0 and the ends of the range', () => {
    const numbers = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 1, maxLength: 50 }), (values) => {
        const array = Int32Array.from([...values, 0, -1, 1, 2 ** 31 - 1, -(2 ** 31)]);
        const lifted = liftSmall(array, context.keyPrimes);
        context.keyPrimes.forEach((prime, k) => {
          array.forEach((value, i) => {
            expect(lifted[k * array.length + i]).toBe(((BigInt(value) % prime) + prime) % prime);
          });
        });
        expect(centreSmall(lifted, array.length, context.keyPrimes[0]!)).toEqual(array);
      }),
    );
  });
});

describe('a ciphertext from outside', () => {
  it('is refused where its length, a residue or its second half is wrong', () => {
    const { degree } = context.parameters;
    const bytes = new Uint8Array(2 * 7 * degree).fill(1);
    using good = JointCiphertext.fromBytes(context, 1, bytes);
    expect(good.level).toBe(1);
    expect(() => JointCiphertext.fromBytes(context, 2, bytes)).toThrow(/ENCODING_INVALID/);
    expect(() => JointCiphertext.fromBytes(context, 1, bytes.subarray(1))).toThrow(/ENCODING_INVALID/);
    expect(() => JointCiphertext.fromBytes(context, 1, bytes.slice().fill(255, 0, 7))).toThrow(
      /ENCODING_INVALID/,
    );
    expect(() => JointCiphertext.fromBytes(context, 1, bytes.slice().fill(0, 7 * degree))).toThrow(/zeros/);
    expect(() => JointCiphertext.fromBytes(context, 4, bytes)).toThrow(/SHAPE_MISMATCH|ENCODING_INVALID/);
  });
});
