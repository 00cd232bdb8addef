/**
 * Sums stored uploads in a process of its own and says what that took.
 * node test/sum-memory.ts FOLDER UPLOADS CHUNKS STRIPE_BYTES: a JSON line {peakBytes, chunks}. UPLOADS beyond those that the folder
 * has (FOLDER/uploads.json, a list of StoredBlob) are the same ones again.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sumUploads } from '../coordinator/aggregation/sum-uploads.ts';
import type { StoredBlob } from '../coordinator/store/blob-reader.ts';

const [folder = '', uploads = '0', chunks = '0', stripeBytes = '0'] = process.argv.slice(2);
const stored = JSON.parse(await readFile(join(folder, 'uploads.json'), 'utf8')) as StoredBlob[];
const sources = Array.from({ length: Number(uploads) }, (_, i) => stored[i % stored.length] as StoredBlob);
let summed = 0;
await sumUploads(
  sources,
  Number(chunks),
  () => {
    summed += 1;
    return Promise.resolve();
  },
  Number(stripeBytes),
);
process.stdout.write(
  `${JSON.stringify({ peakBytes: 1024 * process.resourceUsage().maxRSS, chunks: summed })}\n`,
);
