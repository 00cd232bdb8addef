import { seededStream } from '../../participant/train/seeded-stream.ts';
import type { UpdateAttack } from './attack.ts';

/** What a poisoning member makes of its update in a round; always an array of its own. */
export type PoisonUpdate = (honest: Float32Array, round: number) => Float32Array;

export interface UpdateAttackOptions {
  readonly kind: UpdateAttack;
  /** Of sign-flip and scaling: what the update is multiplied by. */
  readonly factor: number;
  /** Greatest norm that clipping lets through; the noise has this norm. */
  readonly clipNorm: number;
  readonly seed: number | string;
}

/**
 * Update-level poisoning, before clipping and rounding. `free-rider` sends nothing and takes the model; `stale-replay` sends
 * its first update again in every later round; `gaussian-noise` a random direction as long as clipping lets through.
 * The same options and updates give the same bits.
 */
export function poisonUpdate({ kind, factor, clipNorm, seed }: UpdateAttackOptions): PoisonUpdate {
  switch (kind) {
    case 'sign-flip':
      return (honest) => honest.map((value) => -factor * value);
    case 'scaling':
      return (honest) => honest.map((value) => factor * value);
    case 'free-rider':
      return (honest) => new Float32Array(honest.length);
    case 'stale-replay': {
      let first: Float32Array | null = null;
      return (honest) => (first ??= honest.slice()).slice();
    }
    case 'gaussian-noise':
      return (honest, round) => noise(honest.length, clipNorm, seed, round);
  }
}

function noise(length: number, norm: number, seed: number | string, round: number): Float32Array {
  const stream = seededStream('poison', seed, round);
  const values = Float64Array.from({ length }, () => {
    // Box and Muller 1958; 1 - u is never 0.
    const radius = Math.sqrt(-2 * Math.log(1 - stream.nextUnit()));
    return radius * Math.cos(2 * Math.PI * stream.nextUnit());
  });
  const found = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return Float32Array.from(values, (value) => (value * norm) / found);
}
