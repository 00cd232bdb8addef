import { createHash } from 'node:crypto';
import { SeededStream } from '../../models/seeded-stream.ts';

/**
 * A deterministic stream for one purpose: SHA-256 over the labels gives the 128-bit state, so streams of other labels are
 * unrelated. The same labels give the same numbers in every process, which makes an encrypted and a plaintext run equal.
 */
export function seededStream(...labels: readonly (string | number)[]): SeededStream {
  const digest = labelledSeed(...labels);
  return new SeededStream(
    digest.readInt32LE(0),
    digest.readInt32LE(4),
    digest.readInt32LE(8),
    digest.readInt32LE(12),
  );
}

/** 32 bytes for one purpose: SHA-256 over the labels. */
export function labelledSeed(...labels: readonly (string | number)[]): Buffer {
  return createHash('sha256').update(JSON.stringify(labels)).digest();
}
