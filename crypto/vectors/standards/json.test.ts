import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { canonicalJson } from '../../public/canonical.ts';

const { bits: fixed } = JSON.parse(readFileSync(new URL('./es6-numbers.json', import.meta.url), 'utf8')) as {
  readonly bits: readonly string[];
};

const view = new DataView(new ArrayBuffer(8));
function double(bits: bigint): number {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/** The sequence of the test file: the fixed ones, 2,000 about the least normal, then chained SHA-256 taken as doubles. */
function* testFile(): Generator<bigint> {
  for (const bits of fixed) yield BigInt(`0x${bits}`);
  for (let i = 0n; i < 2000n; i++) yield 0x0010000000000000n + i;
  for (let block: Uint8Array = new Uint8Array(32); ;) {
    block = createHash('sha256').update(block).digest();
    const words = new DataView(block.buffer, block.byteOffset, 32);
    for (let at = 0; at < 32; at += 8) {
      const bits = words.getBigUint64(at, true);
      const value = double(bits);
      if (value !== 0 && Number.isFinite(value)) yield bits;
    }
  }
}

it('RFC 8785 appendix B: the first 1,000 and 10,000 lines of its file of numbers have the published hashes', () => {
  const published = new Map([
    [1000, 'be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687'],
    [10_000, 'b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892'],
  ]);
  const hash = createHash('sha256');
  let lines = 0;
  for (const bits of testFile()) {
    hash.update(`${bits.toString(16)},${canonicalJson(double(bits))}\n`);
    lines++;
    if (published.has(lines)) expect(hash.copy().digest('hex')).toBe(published.get(lines));
    if (lines === 10_000) return;
  }
});
