import { utf8 } from './canonical.ts';
import { fromHex } from './encoding.ts';
import type { PublicPrimitives } from './primitives.ts';

/** Chunks `from` to `to` (exclusive). */
export interface ChunkRange {
  readonly from: number;
  readonly to: number;
}

const DOMAIN = utf8('cordon/v1/audit-order\u0000');
const WORDS = 2 ** 32;

/**
 * The order in which the members of a round are asked to audit: a Fisher-Yates shuffle (Knuth, TAOCP 2, 3.4.2 P) by
 * numbers from AES-256-CTR under SHA-256('cordon/v1/audit-order' || 0x00 || transcript hash), without bias by rejection.
 * Everybody draws the same order, and nobody knows it before the transcript is fixed. What the audit proves does not
 * hang on it (any cRoster + 1 members hold an honest one); it spreads the work.
 * @param members ids in the order of the roster
 * @param transcriptHash 64 hexadecimal digits
 */
export function auditOrder(
  primitives: PublicPrimitives,
  transcriptHash: string,
  members: readonly string[],
): string[] {
  const below = uniformNumbers(primitives, primitives.sha256(DOMAIN, fromHex(transcriptHash, 32)));
  const order = [...members];
  for (let last = order.length - 1; last > 0; last--) {
    const drawn = below(last + 1);
    const [a, b] = [order[last], order[drawn]];
    if (a !== undefined && b !== undefined) [order[last], order[drawn]] = [b, a];
  }
  return order;
}

/** Uniform whole numbers below a bound (at most 2^32), one after another from one key stream. */
function uniformNumbers(primitives: PublicPrimitives, key: Uint8Array): (bound: number) => number {
  const iv = new Uint8Array(16);
  let stream: DataView = new DataView(new ArrayBuffer(0));
  let at = 0;
  const word = (): number => {
    if (at === stream.byteLength) {
      // A longer stream of the same key starts with the same bytes.
      const bytes = primitives.aes256ctr(key, iv, Math.max(1024, 2 * at));
      stream = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    at += 4;
    return stream.getUint32(at - 4, true);
  };
  return (bound) => {
    const limit = WORDS - (WORDS % bound);
    for (;;) {
      const drawn = word();
      if (drawn < limit) return drawn % bound;
    }
  };
}

/**
 * The vector's chunks in min(members, chunks) contiguous parts, as even as can be; each is audited as one. None is empty.
 */
export function auditSegments(members: number, chunks: number): ChunkRange[] {
  const parts = Math.min(members, chunks);
  const start = (part: number) => Math.floor((part * chunks) / parts);
  return Array.from({ length: parts }, (_, part) => ({ from: start(part), to: start(part + 1) }));
}

/**
 * What a member audits as long as nobody is missing: segment s belongs to the `needed` members from place s of the order
 * on, cyclically, so the segments of one member lie side by side and are given as one range (two where they wrap).
 * @param needed members a segment: cRoster + 1
 */
export function auditDuty(
  order: readonly string[],
  chunks: number,
  needed: number,
  member: string,
): ChunkRange[] {
  const place = order.indexOf(member);
  if (place < 0) return [];
  const n = order.length;
  const own = auditSegments(n, chunks).filter((_, segment) => (place - segment + n) % n < needed);
  return joined(own);
}

/** Ascending ranges with those that touch made one. */
export function joined(ranges: readonly ChunkRange[]): ChunkRange[] {
  const out: ChunkRange[] = [];
  for (const range of ranges) {
    const last = out.at(-1);
    if (last?.to === range.from) out[out.length - 1] = { from: last.from, to: range.to };
    else out.push(range);
  }
  return out;
}
