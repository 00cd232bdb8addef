import { valuesPerChunk } from '../../../crypto/public/params.ts';
import type { OneTimeKey } from '../../../crypto/secret/one-time-key.ts';
import { edgeScorerModel } from '../../../models/detection/edge-scorer.ts';
import { clipAndQuantise } from '../../../participant/privatise/clip-and-quantise.ts';
import { roundingBits } from '../../../participant/privatise/rounding-bits.ts';
import { labelledSeed } from '../../../participant/train/seeded-stream.ts';
import type { BenchCase } from '../measure.ts';
import type { BenchRow } from '../result.ts';
import { rowOf } from '../statistics.ts';
import { type BenchRound, benchRound } from './bench-federation.ts';
import { bytesOf, encrypt, shareKey, sign } from './contribution.ts';
import { seededUpdate } from './seeded-values.ts';

/** Members of the round in which a member's own work is measured; its committee is all of them. */
const MEMBERS = 10;

/**
 * What one member spends on its update. `member.encrypt_ms` is the way from the trained update to packed ciphertext:
 * quantise, encrypt, pack.
 * @param side the vector has side * side parameters
 */
export function memberCases(side: number): {
  readonly cases: readonly BenchCase[];
  readonly rows: readonly BenchRow[];
} {
  const length = side * side;
  const round = benchRound(MEMBERS, length);
  const update = seededUpdate(length, 1);
  const size = side - 1;
  const shape = edgeScorerModel({ kind: 'edge-scorer', features: 'bench', inputs: size, hidden: size });
  const source = () => {
    const bits = roundingBits(labelledSeed('bench', 'quantise'));
    return clipAndQuantise(shape, update, round.transcript.quantiser, bits).values;
  };
  const quantise = () => {
    const values = source();
    const chunk = valuesPerChunk(round.transcript.layout);
    for (let from = 0; from < length; from += chunk) values.read(from, Math.min(chunk, length - from));
  };
  const values = source().read(0, length);
  let spare: { key: OneTimeKey; chunks: Uint8Array[] } | null = null;
  const shared = shareKey(round, 'org-1', encrypt(round, values).key);
  const cases: BenchCase[] = [
    {
      name: 'member.encrypt_ms',
      clock: 'cpu',
      note: 'quantise + encrypt + pack, 16-bit values in the layout 3x26; the two rows after it are its parts',
      run: () => encrypt(round, source()).key,
    },
    { name: 'member.quantise_ms', clock: 'cpu', run: quantise },
    { name: 'member.ciphertext_ms', clock: 'cpu', run: () => encrypt(round, values) },
    {
      name: 'member.share_ms',
      clock: 'cpu',
      note: `the key shared with a committee of ${MEMBERS} and every share sealed to its recipient (X25519 + ML-KEM-768); does not depend on the number of parameters`,
      before: () => {
        spare = encrypt(round, values);
      },
      run: () => shareKey(round, 'org-1', spent(spare).key),
    },
    {
      name: 'member.manifest_ms',
      clock: 'cpu',
      note: 'Merkle tree and SHA-256 over the upload, proof that the shares fit together, signature',
      run: () => sign(round, 'org-1', spent(spare).chunks, shared),
    },
  ];
  return { cases, rows: sizes(round, values) };
}

function sizes(round: BenchRound, values: Uint32Array): BenchRow[] {
  const { key, chunks } = encrypt(round, values);
  const shared = shareKey(round, 'org-1', key);
  const { sealed } = shared;
  const manifest = sign(round, 'org-1', chunks, shared);
  const signed = JSON.stringify(manifest).length;
  return [
    rowOf(
      'member.upload_mb',
      'mb',
      [(bytesOf(chunks) + bytesOf(sealed) + signed) / 1e6],
      `ciphertext, sealed shares for a committee of ${MEMBERS}, manifest`,
    ),
    rowOf(
      'member.download_mb',
      'mb',
      [(4 * values.length) / 1e6],
      'the opened sum, 32 bits a value, from which a member computes the next model; keys and log of the round are some KB more, and the audit has a row of its own',
    ),
  ];
}

function spent<T>(spare: T | null): T {
  if (spare === null) throw new Error('nothing was encrypted yet');
  return spare;
}
