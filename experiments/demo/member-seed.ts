import { createHash } from 'node:crypto';

/** Every site has a seed of its own, all of them from one, so that what a federation does can be repeated. */
export function memberSeed(seed: number, member: string): number {
  return createHash('sha256').update(`${seed}/${member}`).digest().readUInt32BE(0);
}
