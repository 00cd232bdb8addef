import type { MainModule } from 'node-seal';
import type { CasesWithRows } from '../child-cases.ts';
import type { OwnCase } from '../measure.ts';
import { rowOf } from '../statistics.ts';
import { SealSum } from './seal-sum.ts';
import { BFV, CKKS } from './seal-schemes.ts';
import { assertSum, plainSum } from './seeded-values.ts';

/** Time and size of both schemes on the vectors of three members. */
export function sealCases(seal: MainModule, vectors: readonly Uint32Array[]): CasesWithRows {
  const both = [
    casesOf(
      'bfv',
      new SealSum(seal, BFV),
      vectors,
      'N 8192, primes {42,42,42,43}, plain modulus 58 bits, two values a coefficient, public key, no compression',
    ),
    casesOf(
      'ckks',
      new SealSum(seal, CKKS),
      vectors,
      'NVFLARE: N 8192, primes {60,40,40}, scale 2^40, 4,096 values a ciphertext, public key, no compression',
    ),
  ];
  return { cases: both.flatMap(({ cases }) => cases), rows: both.flatMap(({ rows }) => rows) };
}

function casesOf(
  scheme: 'bfv' | 'ckks',
  sum: SealSum,
  vectors: readonly Uint32Array[],
  parameters: string,
): CasesWithRows {
  const [values = new Uint32Array(), ...rest] = vectors;
  const others = rest.map((vector) => sum.encrypt(vector));
  const expected = plainSum(vectors);
  let upload = sum.encrypt(values);
  let opened: Uint32Array = new Uint32Array();
  const fill = () => {
    sum.reset();
    for (const other of others) sum.add(other);
  };
  fill();
  sum.add(upload);
  const note = `node-seal 7.0.0 (MIT, Microsoft SEAL 4.1.2 in WebAssembly), ${parameters}`;
  const cases: OwnCase[] = [
    {
      name: `seal.${scheme}_encrypt_ms`,
      clock: 'cpu',
      note,
      run: () => (upload = sum.encrypt(values)),
    },
    {
      name: `seal.${scheme}_add_ms`,
      clock: 'cpu',
      note,
      before: fill,
      run: () => sum.add(upload),
    },
    {
      name: `seal.${scheme}_open_ms`,
      clock: 'cpu',
      note,
      run: () => (opened = sum.open(expected.length)),
      after: () => assertSum(`seal.${scheme}`, opened, expected),
    },
  ];
  const { zstd, seeded } = sum.otherSizes(values);
  const size = (suffix: string, bytes: number, form: string) =>
    rowOf(`seal.${scheme}_${suffix}`, 'mb', [bytes / 1e6], form === '' ? note : `${note}; ${form}`);
  return {
    cases,
    rows: [
      size(
        'mb',
        upload.reduce((bytes, part) => bytes + part.length, 0),
        '',
      ),
      size('zstd_mb', zstd, 'with the zstd of SEAL'),
      size(
        'seeded_mb',
        seeded,
        'encrypted with the secret key itself, half of it a seed: only where all members hold that key',
      ),
    ],
  };
}
