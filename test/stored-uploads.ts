import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredBlob } from '../coordinator/store/blob-reader.ts';
import { packChunk } from '../crypto/public/kernels/ring.ts';
import { N, PRIMES } from '../crypto/public/params.ts';
import { TestFederation } from './crypto-federation.ts';

/** A chunk whose residues follow from two numbers, all below their prime. */
export function testChunk(upload: number, index: number): Uint8Array {
  let state = (upload * 7919 + index * 104_729 + 1) >>> 0;
  const residues = new Uint32Array(PRIMES.length * N);
  for (let i = 0; i < residues.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    residues[i] = state % (PRIMES[Math.floor(i / N)] ?? 1);
  }
  return packChunk(residues);
}

/**
 * Uploads as a coordinator has them on disk: chunks as `testChunk` makes them, and 100 bytes in the place of the shares.
 * Manifests are right in what the aggregation looks at.
 */
export async function storeUploads(folder: string, uploads: number, chunks: number): Promise<StoredBlob[]> {
  const round = new TestFederation(3).round();
  const stored: StoredBlob[] = [];
  for (let upload = 0; upload < uploads; upload++) {
    const parts = Array.from({ length: chunks }, (_, index) => testChunk(upload, index));
    const blob = Buffer.concat([...parts, Buffer.alloc(100, upload)]);
    const path = join(folder, `${upload}.blob`);
    await writeFile(path, blob);
    const blobHash = createHash('sha256').update(blob).digest('hex');
    const manifest = { ...round.manifest('org-1'), member: `org-${upload}`, chunks };
    stored.push({ path, manifest: { ...manifest, blobBytes: blob.length, blobHash } });
  }
  return stored;
}
