/**
 * Known answers of joint-key BFV, from fixed inputs: `node crypto/vectors/make-joint-key.ts --write` writes
 * joint-key.json, without it the text goes to standard output. What is random (keys, encryption, smudging) has none.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { nodePrimitives } from '../identity/node-primitives.ts';
import { toHex } from '../public/encoding.ts';
import { BfvContext } from '../seal/public/bfv-context.ts';
import { commonPolynomial } from '../seal/public/common-polynomial.ts';
import { encodeMask } from '../seal/public/evaluate.ts';
import { loadPublicKey } from '../seal/public/joint-key.ts';
import { BFV_SETS, PARAMETER_SETS } from '../seal/public/parameters.ts';
import { expandChallenge } from '../seal/public/possession.ts';
import { bytesOf, liftSmall, packResidues } from '../seal/public/residues.ts';
import { savedBytes } from '../seal/public/saved.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const transcriptHash = Uint8Array.from({ length: 32 }, (_, i) => i);
const otherHash = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);

using context = await BfvContext.create('worlds8192');
const { degree } = context.parameters;
const primes = context.keyPrimes;
const a = commonPolynomial(nodePrimitives, transcriptHash, degree, primes);
const b = commonPolynomial(nodePrimitives, otherHash, degree, primes);
using key = loadPublicKey(context, b, a);

const x = liftSmall(
  Int32Array.from({ length: degree }, (_, i) => (i % 3) - 1),
  primes,
);
const y = liftSmall(
  Int32Array.from({ length: degree }, (_, i) => (i % 43) - 21),
  primes,
);
const [yHat, xHat] = context.ring.toNtt(y, x);
using timesA = context.ring.multiplier(a);
const linear = timesA.apply(yHat, xHat);

const seed = Uint8Array.from({ length: 32 }, () => 0x55);
const challenge = expandChallenge(nodePrimitives, seed, degree);
using mask = encodeMask(
  context,
  2,
  Uint32Array.from({ length: degree }, (_, i) => (i * 7919) % 65537),
);
if (mask.plain === null) throw new Error('the mask is not zero');

const answers = {
  about:
    'Cordon joint-key BFV, known answers. Made by crypto/vectors/make-joint-key.ts; formats are in crypto/seal/public. Residues are hashed as little-endian 64-bit words, prime after prime.',
  transcriptHash: toHex(transcriptHash),
  commonPolynomials: PARAMETER_SETS.map((set) => {
    const { degree: n, primes: q, special } = BFV_SETS[set];
    const residues = commonPolynomial(nodePrimitives, transcriptHash, n, [...q, special]);
    return {
      set,
      first: [...residues.subarray(0, 3)].map(String),
      sha256: sha256(bytesOf(residues)),
    };
  }),
  publicKey: {
    input: 'worlds8192: a from transcriptHash, b from the hash of bytes 255 - i',
    packedSha256: sha256(packResidues(b, degree, primes)),
    sealSha256: sha256(savedBytes(context.seal, key)),
  },
  linear: {
    input: 'worlds8192: y + a * x, NTT form; x_i = i mod 3 - 1, y_i = i mod 43 - 21',
    first: [...linear.subarray(0, 3)].map(String),
    sha256: sha256(bytesOf(linear)),
  },
  challenge: {
    seed: toHex(seed),
    places: Array.from(challenge, (sign, place) => sign * (place + 1)).filter((v) => v !== 0),
    note: 'N = 8192; sign times (place + 1)',
  },
  mask: {
    input: 'worlds8192, two primes: slots i * 7919 mod 65537, NTT form as SEAL saves it',
    sha256: sha256(savedBytes(context.seal, mask.plain)),
  },
};

const text = `${JSON.stringify(answers, null, 2)}\n`;
if (process.argv.includes('--write')) writeFileSync(new URL('./joint-key.json', import.meta.url), text);
else process.stdout.write(text);
