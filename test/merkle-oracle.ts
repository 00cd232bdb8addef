import { readFileSync } from 'node:fs';
import { fromHex } from '../crypto/public/encoding.ts';

interface Oracle {
  readonly leaves: string[];
  /** roots[n] is that of the first n leaves */
  readonly roots: string[];
  readonly inclusion: { index: number; size: number; proof: string[] }[];
}

/** RFC 9162 roots and inclusion proofs made by other code. */
export const merkleOracle = JSON.parse(
  readFileSync(new URL('../crypto/vectors/merkle-rfc9162.json', import.meta.url), 'utf8'),
) as Oracle;

export const oracleLeaves = merkleOracle.leaves.map((leaf) => fromHex(leaf));
