#!/usr/bin/env node
// Known answers of the secure sum from fixed seeds, for other implementations to check themselves against.
//
//   node crypto/vectors/make.ts           print them
//   node crypto/vectors/make.ts --write   write known-answers.json (once: a change means the format changed)
//
// Arrays are given by their first elements and the SHA-256 of all, little-endian: u32 unless said otherwise.
import { writeFileSync } from 'node:fs';
import { nodePrimitives } from '../identity/node-primitives.ts';
import { addChunk, createAccumulator, packedSum } from '../public/accumulator.ts';
import { publicPolynomials } from '../public/expand.ts';
import { interpolateKeySum } from '../public/key-shares.ts';
import { forwardNtt, packChunk } from '../public/kernels/ring.ts';
import { openSum } from '../public/open-sum.ts';
import { LAYOUTS, N, PRIMES, SHARE_ELEMENTS, SHARE_PRIME, valuesPerChunk } from '../public/params.ts';
import type { LayoutName } from '../public/params.ts';
import type { RandomBytes } from '../public/primitives.ts';
import { packField } from '../public/share-packing.ts';
import { expandShare } from '../public/share-plaintext.ts';
import { combineShare, lowDegreeChallenge } from '../public/low-degree.ts';
import type { ManifestCore } from '../public/low-degree.ts';
import { encryptVector } from '../secret/encrypt.ts';
import { SAMPLER_BYTES, sampleKey } from '../secret/kernels/ring.ts';
import { OneTimeKey } from '../secret/one-time-key.ts';
import { sumShares } from '../secret/shares.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const sha256 = (bytes: Uint8Array): string => hex(nodePrimitives.sha256(bytes));

interface Digest {
  first: number[];
  sha256: string;
}
function digest(array: Uint32Array | Int32Array | Int8Array): Digest {
  return {
    first: Array.from(array.subarray(0, 8)),
    sha256: sha256(new Uint8Array(array.buffer, array.byteOffset, array.byteLength)),
  };
}

/** The random source of a vector: the AES-256-CTR key stream of 32 equal bytes from a zero block, taken in order. */
function randomFrom(byte: number): RandomBytes {
  const stream = nodePrimitives.aes256ctr(new Uint8Array(32).fill(byte), new Uint8Array(16), 1 << 17);
  let at = 0;
  return (length) => stream.slice(at, (at += length));
}

const transcriptHash = nodePrimitives.sha256(new TextEncoder().encode('cordon known answers'));
const pattern = PRIMES.map((p) => Uint32Array.from({ length: N }, (_, i) => (i * 262147 + 17) % p));

/** Three members, committee of three, threshold 2, answers of members 1 and 3. */
function round(layout: LayoutName): object {
  const length = valuesPerChunk(layout) + 5;
  const valueBits = Math.min(16, LAYOUTS[layout].bits - 2);
  const members = [0x11, 0x22, 0x33].map((seed) => {
    const key = OneTimeKey.sample(randomFrom(seed));
    const values = Uint32Array.from({ length }, (_, i) => (i * 7919 + seed) % 2 ** valueBits);
    const chunks = [...encryptVector(nodePrimitives, key, { transcriptHash, layout, valueBits, values })];
    const shares = key.split(nodePrimitives, 2, [1, 2, 3]).shares.map((share) => share.plaintext);
    key.erase();
    return { seed, chunks, shares };
  });
  const answers = [1, 3].map((committeeIndex) => ({
    committeeIndex,
    shareSum: sumShares(
      members.map(({ shares }) => {
        const plain = shares[committeeIndex - 1] ?? new Uint8Array();
        return [1, expandShare(nodePrimitives, plain).subarray(0, N)] as const;
      }),
    ),
  }));
  const keySum = interpolateKeySum(2, answers, 3);
  const opener = openSum(nodePrimitives, { transcriptHash, keySum, members: 3, layout, length });
  const sums = [0, 1].map((chunk) => {
    const accumulator = createAccumulator();
    for (const { chunks } of members) addChunk(accumulator, chunks[chunk] ?? new Uint8Array());
    return packedSum(accumulator);
  });
  const opened = new Uint32Array(length);
  sums.forEach((sum, chunk) => opened.set(opener.openChunk(chunk, sum), chunk * valuesPerChunk(layout)));
  return {
    layout,
    length,
    valueBits,
    values: '(i * 7919 + seed) mod 2^valueBits',
    members: members.map(({ seed, chunks, shares }) => ({
      seed,
      chunks: chunks.map(sha256),
      shares: shares.map(sha256),
    })),
    answers: answers.map(({ committeeIndex, shareSum }) => ({
      committeeIndex,
      packedSha256: sha256(packField(shareSum)),
    })),
    keySumInt32: digest(keySum),
    sumChunks: sums.map(sha256),
    opened: digest(opened),
    greatestNoise: opener.greatestNoise(),
  };
}

const samplerBits = nodePrimitives.aes256ctr(
  new Uint8Array(32).fill(0x44),
  new Uint8Array(16),
  SAMPLER_BYTES,
);
const seed = new Uint8Array(32).fill(0x55);
const field = Uint32Array.from({ length: SHARE_ELEMENTS }, (_, i) => (i * 65537 + 3) % SHARE_PRIME);
const core: ManifestCore = {
  consortium: 'test',
  round: 1,
  member: 'org-1',
  transcriptHash: hex(transcriptHash),
  chunks: 1,
  chunkRoot: '0'.repeat(64),
  blobBytes: 46080,
  blobHash: '1'.repeat(64),
  shares: [{ committeeIndex: 1, hash: '2'.repeat(64), bytes: 1170 }],
};
const challenge = lowDegreeChallenge(nodePrimitives, core);
const answers = {
  what: 'Cordon secure sum, known answers. Made by crypto/vectors/make.ts, which says how; formats are in crypto/public and crypto/secret.',
  transcriptHash: hex(transcriptHash),
  ntt: PRIMES.map((prime, k) => ({
    prime,
    input: '(i * 262147 + 17) mod p',
    output: digest(forwardNtt(pattern[k] ?? new Uint32Array(N), k)),
  })),
  packing: {
    input: 'the three inputs of ntt',
    first: hex(packChunk(Uint32Array.from(pattern.flatMap((x) => Array.from(x)))).subarray(0, 32)),
    sha256: sha256(packChunk(Uint32Array.from(pattern.flatMap((x) => Array.from(x))))),
  },
  publicPolynomials: [
    [0, 0],
    [1, 0],
    [0, 1],
  ].map(([chunk = 0, group = 0]) => {
    const hat = publicPolynomials(nodePrimitives, transcriptHash).chunk(chunk, group);
    return { chunk, group, primes: PRIMES.map((_, k) => digest(hat.slice(k * N, (k + 1) * N))) };
  }),
  sampler: {
    stream: 'AES-256-CTR, key 32 bytes of 0x44, zero block',
    samplesInt8: digest(Int8Array.from(sampleKey(samplerBits).samples, (v) => v - 41)),
  },
  seedShare: { seed: hex(seed), elements: digest(expandShare(nodePrimitives, Uint8Array.of(1, ...seed))) },
  sharePacking: { input: '(i * 65537 + 3) mod 131071', sha256: sha256(packField(field)) },
  lowDegree: {
    core,
    challengeU16: {
      first: Array.from({ length: 8 }, (_, i) => new DataView(challenge.buffer).getUint16(2 * i, true)),
      sha256: sha256(challenge),
    },
    share: '(i * 65537 + 3) mod 131071 for 4104 elements, the last 8 the masks',
    combinations: Array.from(combineShare(challenge, field)),
  },
  rounds: (Object.keys(LAYOUTS) as LayoutName[]).map(round),
};

const text = `${JSON.stringify(answers, null, 2)}\n`;
if (process.argv.includes('--write')) writeFileSync(new URL('./known-answers.json', import.meta.url), text);
else process.stdout.write(text);
