import type { EdgeScorerArchitecture } from './architecture.ts';

/** SHA-256 over the concatenation of its arguments, 32 bytes; a parameter because browsers have another one. */
export type Sha256 = (...parts: Uint8Array[]) => Uint8Array;

/**
 * Identity of a model, 64 hexadecimal characters:
 * SHA-256("cordon/v1/model" 00 canonicalJson(architecture) 00 weights as little-endian float32).
 */
export function modelHash(
  sha256: Sha256,
  architecture: EdgeScorerArchitecture,
  weights: Float32Array,
): string {
  const { features, hidden, inputs, kind } = architecture;
  // RFC 8785 orders keys by UTF-16; the four keys stand here in that order.
  const json = JSON.stringify({ features, hidden, inputs, kind });
  const text = new TextEncoder().encode(`cordon/v1/model\0${json}\0`);
  const digest = sha256(text, float32ToBytes(weights));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Little-endian bytes of float32 values, on any machine. */
export function float32ToBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  return bytes;
}
