import type { Move } from '../scenario/move-schema.ts';
import type { Attack } from './attack.ts';

/** Logons in bursts: short gaps within one, long pauses between two, shrunk where the period has too little time. */
export class Bursts {
  private readonly attack: Attack;
  private readonly sizes: readonly number[];
  private readonly pause: number;
  private readonly gap: number;
  private burst = 0;
  private left: number;

  constructor(attack: Attack, { sizes, pauseHours }: NonNullable<Move['bursts']>, logons: number) {
    this.attack = attack;
    this.sizes = sizes;
    this.left = sizes[0] ?? 1;
    const mean = (range: readonly [number, number]): number => (range[0] + range[1]) / 2;
    let pauses = 0;
    for (let covered = 0; covered < logons; pauses++) covered += sizes[pauses % sizes.length] ?? 1;
    const gap = mean(attack.parameters.gapSeconds);
    const pause = mean(pauseHours) * 3600;
    // A part of the time is lost to nights and kept for the end.
    const scale = Math.min(1, (0.6 * (attack.end - attack.time)) / (logons * gap + pauses * pause));
    this.gap = gap * scale;
    this.pause = pause * scale;
  }

  /** Lets the time until the next logon pass. */
  next(): void {
    const { attack } = this;
    if (this.left > 0) attack.time += attack.random.exponential(this.gap);
    else {
      attack.time += this.pause * (0.1 + 1.8 * attack.random.unit());
      this.burst++;
      this.left = this.sizes[this.burst % this.sizes.length] ?? 1;
    }
    this.left--;
  }
}
