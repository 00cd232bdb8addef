import type { Readable } from 'node:stream';
import { collect } from '../../protocol/codec/collect.ts';
import { CordonError } from '../../protocol/errors.ts';

export interface BodyLimits {
  /** A whole message is here within this time. */
  readonly messageMs: number;
  /** How long an upload may wait for its sender in all; what arrives earns time back at the least rate. */
  readonly patienceMs: number;
  /** Least rate of an upload, bytes a second. */
  readonly leastRate: number;
}

export const BODY_LIMITS: BodyLimits = { messageMs: 10_000, patienceMs: 20_000, leastRate: 4096 };

/**
 * A message's body as one piece.
 * @param limit bytes
 * @throws CordonError MESSAGE_TOO_LARGE; TIMEOUT for a body that is not whole in time; MESSAGE_MALFORMED for one that
 *   breaks off
 */
export async function readMessage(
  stream: Readable,
  limit: number,
  { messageMs }: BodyLimits,
): Promise<Uint8Array> {
  // Time only passes: nothing that arrives earns any back.
  const limits = { messageMs, patienceMs: messageMs, leastRate: Number.POSITIVE_INFINITY };
  return collect(steady(stream, limits), limit, 'send what the interface description says');
}

/**
 * The pieces of an upload's body as they come, as long as they come fast enough. Only the time spent waiting for the
 * sender counts, not that of a slow disk on this side.
 * @throws CordonError TIMEOUT below the least rate; MESSAGE_MALFORMED for a body that breaks off
 */
export async function* steady(stream: Readable, limits: BodyLimits): AsyncGenerator<Uint8Array> {
  // Not destroyed when this ends early: the answer goes out by the same connection.
  const pieces = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
  let patience = limits.patienceMs;
  for (;;) {
    const started = performance.now();
    const piece = await within(patience, pieces.next());
    if (piece === 'late') throw tooSlow(limits);
    if (piece.done === true) return;
    const earned = (1000 * piece.value.length) / limits.leastRate;
    patience = Math.min(limits.patienceMs, patience - (performance.now() - started) + earned);
    yield piece.value;
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), Math.max(0, ms));
  });
  // Looked at by nobody any more once it is late.
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } catch (cause) {
    const detail = {
      expected: 'the whole body',
      got: 'a connection that broke off',
      next: 'ask for the offset (HEAD) and go on from there',
    };
    throw new CordonError('MESSAGE_MALFORMED', detail, { cause });
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow({ patienceMs, leastRate }: BodyLimits): CordonError {
  const rate = Number.isFinite(leastRate) ? `, and ${leastRate} bytes a second in the long run` : '';
  return new CordonError('TIMEOUT', {
    expected: `a body without more than ${patienceMs / 1000} s of waiting${rate}`,
    got: 'a slower one',
    next: 'what came of an upload is kept: ask for the offset (HEAD) and go on from there',
  });
}
