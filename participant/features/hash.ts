/** 32-bit hash of two 32-bit numbers, every bit of it fit for use (finaliser after Wellons, "Prospecting for hash functions"). */
export function hash(high: number, low: number): number {
  return finalise((Math.imul(high, 0x9e3779b1) + Math.imul(low, 0x85ebca6b)) | 0);
}

/** Another hash of the same, 1 to 2^32 - 1: pairs that agree in the first one seldom agree here. */
export function fingerprint(high: number, low: number): number {
  return finalise((Math.imul(high, 0xc2b2ae35) ^ Math.imul(low, 0x27d4eb2f)) + 0x165667b1) >>> 0 || 1;
}

/** 32-bit hash of a string (FNV-1a over its code units), different for different seeds. */
export function hashText(text: string, seed: number): number {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return finalise(h) >>> 0;
}

/** A hash as a place from 0 to `places` - 1, without a division. */
export function placeOf(hashed: number, places: number): number {
  return Math.floor((hashed >>> 0) * (places / 2 ** 32));
}

function finalise(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x21f0aaad);
  h ^= h >>> 15;
  h = Math.imul(h, 0x735a2d97);
  return h ^ (h >>> 15);
}
