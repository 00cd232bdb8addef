import { fromHex } from './encoding.ts';

/**
 * y-coordinates, sign bit cleared, of the eight points whose order divides 8 (RFC 8032 section 5.1; Cremers and Jackson
 * 2019, "Prime, Order Please!"). For such a key libraries exist that take
 * one signature for every message.
 */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((text) => fromHex(text, 32));

/** Why a raw Ed25519 public key may stand for nobody, or null for one that may. Not on the curve counts as usable: it signs nothing. */
export function weaknessOf(key: Uint8Array): 'a point of small order' | 'a key in a second encoding' | null {
  const y = Uint8Array.from(key);
  y[31] = (y[31] ?? 0) & 0x7f;
  if (isAtLeastP(y)) return 'a key in a second encoding';
  return SMALL_ORDER.some((point) => point.every((byte, i) => byte === y[i]))
    ? 'a point of small order'
    : null;
}

/** Whether y >= 2^255 - 19: RFC 8032 section 5.1.3 refuses it, libraries differ. */
function isAtLeastP(y: Uint8Array): boolean {
  return y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff) && (y[0] ?? 0) >= 0xed;
}
