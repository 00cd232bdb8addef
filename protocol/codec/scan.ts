import { CordonError } from '../errors.ts';
import { CODEC_LIMITS, type CodecLimits } from './limits.ts';

/**
 * Strict structural scan of a MessagePack message (specification of 2017-08), run before any decoder sees it.
 *
 * Allowed: nil, booleans, integers up to 2^53, float64, UTF-8 strings, arrays, maps with distinct short string keys.
 * Refused: extension types (msgpackr would act on them), binary, float32, integers beyond 2^53, lengths that exceed the
 * bytes left, depth, size or count over the limits, duplicate or dangerous keys, trailing bytes.
 * Nothing is allocated in proportion to an announced length.
 * @throws CordonError MESSAGE_TOO_LARGE, MESSAGE_MALFORMED
 */
export function scanMessage(bytes: Uint8Array, limits: CodecLimits = CODEC_LIMITS): void {
  if (bytes.length > limits.maxBytes) {
    throw new CordonError('MESSAGE_TOO_LARGE', {
      expected: `at most ${limits.maxBytes} bytes`,
      got: `${bytes.length} bytes`,
      next: 'send large things by the bulk plane',
    });
  }
  const scanner = new Scanner(bytes, limits);
  scanner.value(0);
  if (scanner.position !== bytes.length)
    malformed('one value', `${bytes.length - scanner.position} bytes after it`);
}

/**
 * Whether the bytes hold at least one whole value, whatever stands after it: what a crash cut short does not.
 * Never throws.
 */
export function holdsWholeValue(bytes: Uint8Array, limits: CodecLimits = CODEC_LIMITS): boolean {
  try {
    new Scanner(bytes, limits).value(0);
    return true;
  } catch {
    return false;
  }
}

/** Values that a message of this object has by the scan's count (`maxNodes`): itself, what is in it, and keys. */
export function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  const keys = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, inner: unknown) => sum + countValues(inner), 1 + keys);
}

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function malformed(expected: string, got: string): never {
  throw new CordonError('MESSAGE_MALFORMED', {
    expected,
    got,
    next: 'update the sender; if it is not one of ours, refuse it',
  });
}

class Scanner {
  position = 0;
  private nodes = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly limits: CodecLimits;

  constructor(bytes: Uint8Array, limits: CodecLimits) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.limits = limits;
  }

  value(depth: number): void {
    this.count();
    if (depth > this.limits.maxDepth)
      malformed(`depth of at most ${this.limits.maxDepth}`, 'a deeper message');
    const tag = this.byte();
    if (tag <= 0x7f || tag >= 0xe0) return;
    if (tag <= 0x8f) return this.map(tag & 0x0f, depth);
    if (tag <= 0x9f) return this.array(tag & 0x0f, depth);
    if (tag <= 0xbf) {
      this.text(tag & 0x1f);
      return;
    }
    this.tagged(tag, depth);
  }

  private tagged(tag: number, depth: number): void {
    switch (tag) {
      case 0xc0:
      case 0xc2:
      case 0xc3:
        return;
      case 0xcb:
        return this.float();
      case 0xcc:
      case 0xd0:
        return this.skip(1);
      case 0xcd:
      case 0xd1:
        return this.skip(2);
      case 0xce:
      case 0xd2:
        return this.skip(4);
      case 0xcf:
        return this.wide(this.view64(true));
      case 0xd3:
        return this.wide(this.view64(false));
      case 0xd9:
        this.text(this.byte());
        return;
      case 0xda:
        this.text(this.uint16());
        return;
      case 0xdb:
        this.text(this.uint32());
        return;
      case 0xdc:
        return this.array(this.uint16(), depth);
      case 0xdd:
        return this.array(this.uint32(), depth);
      case 0xde:
        return this.map(this.uint16(), depth);
      case 0xdf:
        return this.map(this.uint32(), depth);
      default:
        malformed('plain values only', `MessagePack type 0x${tag.toString(16)}`);
    }
  }

  private array(length: number, depth: number): void {
    this.fits(length);
    for (let i = 0; i < length; i++) this.value(depth + 1);
  }

  private map(length: number, depth: number): void {
    this.fits(2 * length);
    const keys = new Set<string>();
    for (let i = 0; i < length; i++) {
      const key = this.key();
      if (keys.has(key)) malformed('every key once', `key "${key}" twice`);
      keys.add(key);
      this.value(depth + 1);
    }
  }

  private key(): string {
    this.count();
    const tag = this.byte();
    let length: number;
    if (tag >= 0xa0 && tag <= 0xbf) length = tag & 0x1f;
    else if (tag === 0xd9) length = this.byte();
    else malformed('string keys', `a key of MessagePack type 0x${tag.toString(16)}`);
    if (length > this.limits.maxKeyBytes)
      malformed(`keys of at most ${this.limits.maxKeyBytes} bytes`, `${length} bytes`);
    const key = this.text(length);
    if (FORBIDDEN_KEYS.has(key)) malformed('keys of the message', `the key "${key}"`);
    return key;
  }

  private text(length: number): string {
    const start = this.position;
    this.skip(length);
    try {
      return utf8.decode(this.bytes.subarray(start, start + length));
    } catch {
      return malformed('UTF-8 text', 'bytes that are not');
    }
  }

  private float(): void {
    const start = this.position;
    this.skip(8);
    if (!Number.isFinite(this.view.getFloat64(start))) malformed('finite numbers', 'NaN or infinity');
  }

  private wide(value: bigint): void {
    const limit = BigInt(Number.MAX_SAFE_INTEGER);
    if (value > limit || value < -limit) malformed('integers up to 2^53', 'a larger one');
  }

  private view64(unsigned: boolean): bigint {
    const start = this.position;
    this.skip(8);
    return unsigned ? this.view.getBigUint64(start) : this.view.getBigInt64(start);
  }

  private count(): void {
    if (++this.nodes > this.limits.maxNodes) malformed(`at most ${this.limits.maxNodes} values`, 'more');
  }

  /** Every element takes at least one byte, so a length beyond the bytes left is a lie. */
  private fits(elements: number): void {
    if (elements > this.bytes.length - this.position) malformed('lengths within the message', 'a longer one');
  }

  private byte(): number {
    const value = this.bytes[this.position];
    if (value === undefined) malformed('a whole message', 'one cut short');
    this.position += 1;
    return value;
  }

  private uint16(): number {
    const start = this.position;
    this.skip(2);
    return this.view.getUint16(start);
  }

  private uint32(): number {
    const start = this.position;
    this.skip(4);
    return this.view.getUint32(start);
  }

  private skip(length: number): void {
    if (length > this.bytes.length - this.position) malformed('a whole message', 'one cut short');
    this.position += length;
  }
}
