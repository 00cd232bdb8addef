import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { nodePrimitives as p, systemRandom } from '../identity/node-primitives.ts';
import { addChunk, createAccumulator, packedSum } from '../public/accumulator.ts';
import { interpolateKeySum } from '../public/key-shares.ts';
import { openPacked, transformKey, unpackChunk } from '../public/kernels/ring.ts';
import { openSum } from '../public/open-sum.ts';
import { BINOMIAL_PAIRS, N, PRIMES } from '../public/params.ts';
import { expandShare } from '../public/share-plaintext.ts';
import { toleranceTable } from '../public/tolerance.ts';
import { verifyTranscript } from '../public/transcript.ts';
import type { Transcript } from '../public/transcript.ts';
import { encryptVector } from './encrypt.ts';
import type { VectorToEncrypt } from './encrypt.ts';
import { ChunkEncryption, sampleKey, SAMPLER_BYTES } from './kernels/ring.ts';
import { OneTimeKey } from './one-time-key.ts';
import { ADD, sumShares } from './shares.ts';

const T = 1n << 78n;
const Q = PRIMES.reduce((q, prime) => q * BigInt(prime), 1n);

const values = Uint32Array.from({ length: 3 * N }, (_, i) => (i * 2654435761) >>> 16);
const chunkWith = (hat: Uint32Array, a: (out: Uint32Array) => void, of: Uint32Array): Uint8Array =>
  new ChunkEncryption(hat).encrypt({
    publicHat: a,
    errorBits: (out) => out.set(systemRandom(SAMPLER_BYTES)),
    layout: '3x26',
    valueBits: 16,
    values: of,
    from: 0,
  });

/** Coefficients of a packed polynomial as integers below q, by the Chinese remainder theorem. */
function coefficients(packed: Uint8Array): bigint[] {
  const residues = unpackChunk(packed);
  const basis = PRIMES.map((prime) => {
    const rest = Q / BigInt(prime);
    let inverse = 1n;
    for (
      let e = BigInt(prime) - 2n, x = rest % BigInt(prime);
      e > 0n;
      e >>= 1n, x = (x * x) % BigInt(prime)
    ) {
      if (e & 1n) inverse = (inverse * x) % BigInt(prime);
    }
    return rest * inverse;
  });
  return Array.from({ length: N }, (_, i) =>
    basis.reduce((sum, b, k) => (sum + b * BigInt(residues[k * N + i] ?? 0)) % Q, 0n),
  );
}

describe('a = 0 offered by the coordinator', () => {
  const { hat } = sampleKey(systemRandom(SAMPLER_BYTES));

  it('would show the plaintext to anybody', () => {
    const zero = new Uint32Array(PRIMES.length * N);
    const chunk = chunkWith(hat, (out) => out.set(zero), values);
    const opened = openPacked(transformKey(new Int32Array(N)), zero, chunk, '3x26', BINOMIAL_PAIRS);
    expect(opened.beyond).toBe(0);
    expect(opened.values).toEqual(values);
  });

  it('has no way in: a transcript that offers one is refused, and what is encrypted does not change by it', () => {
    const federation = new TestFederation(4);
    const { transcript } = federation.round();
    const zero = new Uint32Array(PRIMES.length * N);
    for (const name of ['a', 'publicPolynomial', 'publicHat', 'seed']) {
      const hostile = { ...transcript, [name]: Array.from(zero.subarray(0, 4)) } as unknown as Transcript;
      expect(() => verifyTranscript(p, hostile, federation.roster)).toThrow('TRANSCRIPT_INVALID');
    }
    const vector: VectorToEncrypt = {
      transcriptHash: systemRandom(32),
      layout: '3x26',
      valueBits: 16,
      values,
    };
    const bits = systemRandom(SAMPLER_BYTES + 4096);
    const encrypt = (given: VectorToEncrypt): Uint8Array[] => {
      let at = 0;
      const key = OneTimeKey.sample((length) => bits.slice(at, (at += length)));
      return [...encryptVector(p, key, given)];
    };
    const hostile = { ...vector, a: zero, publicHat: zero, seed: zero } as VectorToEncrypt;
    expect(encrypt(hostile)).toEqual(encrypt(vector));
  });
});

it('two vectors under one key would show their difference; a key encrypts one and refuses the second', () => {
  const { hat } = sampleKey(systemRandom(SAMPLER_BYTES));
  const a = Uint32Array.from({ length: PRIMES.length * N }, (_, i) => (i * 48271) % 1073651713);
  const other = values.map((value) => 65535 - value);
  const [one, two] = [values, other].map((of) => coefficients(chunkWith(hat, (out) => out.set(a), of)));
  for (let i = 0; i < N; i++) {
    const difference = ((((one?.[i] ?? 0n) - (two?.[i] ?? 0n)) % Q) + Q) % Q;
    const centred = difference > Q / 2n ? difference - Q : difference;
    const shown = BigInt.asIntN(26, centred);
    expect(Number(shown)).toBe((values[i] ?? 0) - (other[i] ?? 0));
    expect(centred / T).toBeLessThanOrEqual(2n * BigInt(BINOMIAL_PAIRS));
  }
  const key = OneTimeKey.sample(systemRandom);
  const vector: VectorToEncrypt = { transcriptHash: systemRandom(32), layout: '3x26', valueBits: 16, values };
  expect([...encryptVector(p, key, vector)]).toHaveLength(1);
  expect(() => [...encryptVector(p, key, { ...vector, values: other })]).toThrow('KEY_SPENT');
});

it('shares that fit together, but of another key than the one that encrypted: the sum is rejected, nothing wrong is opened', () => {
  const transcriptHash = systemRandom(32);
  const layout = '3x26';
  const vector: VectorToEncrypt = { transcriptHash, layout, valueBits: 16, values };
  const shared = [1, 2, 3].map((contributor) => {
    const key = OneTimeKey.sample(systemRandom);
    const chunks = [...encryptVector(p, key, vector)];
    const other = OneTimeKey.sample(systemRandom);
    for (const _ of encryptVector(p, other, vector)) void _;
    return { chunks, sharing: (contributor === 3 ? other : key).split(p, 2, [1, 2, 3]) };
  });
  const answers = [1, 2, 3].map((committeeIndex) => ({
    committeeIndex,
    shareSum: sumShares(
      shared.map(({ sharing }) => {
        const plaintext = sharing.shares[committeeIndex - 1]?.plaintext ?? new Uint8Array();
        return [ADD, expandShare(p, plaintext).subarray(0, N)] as const;
      }),
    ),
  }));
  const keySum = interpolateKeySum(2, answers, 3);
  const accumulator = createAccumulator();
  for (const { chunks } of shared) addChunk(accumulator, chunks[0] ?? new Uint8Array());
  const opener = openSum(p, { transcriptHash, keySum, members: 3, layout, length: values.length });
  expect(() => opener.openChunk(0, packedSum(accumulator))).toThrow('NOISE_CHECK_FAILED');
});

describe('overlapping or chosen sets', () => {
  it('two sets never both get t answers, however the honest members are split: every committee to 15, every t', () => {
    for (const { m, t, cCommittee } of toleranceTable(15)) {
      const honest = m - cCommittee;
      for (let first = 0; first <= honest; first++) {
        expect(Math.min(first, honest - first) + cCommittee).toBeLessThan(t);
      }
      // The bound is sharp: with one more that answers twice, a fair split gives both of them t.
      expect(Math.floor((honest - 1) / 2) + cCommittee + 1).toBeGreaterThanOrEqual(t);
    }
  });
});
