/** A bound on how often something may happen: `burst` at once, and `rate` a second in the long run. */
export class TokenBucket {
  private readonly rate: number;
  private readonly burst: number;
  private readonly elapsed: () => number;
  private tokens: number;
  private at: number;

  /** @param elapsed milliseconds of a clock that never goes back */
  constructor({ rate, burst }: { readonly rate: number; readonly burst: number }, elapsed: () => number) {
    this.rate = rate;
    this.burst = burst;
    this.elapsed = elapsed;
    this.tokens = burst;
    this.at = elapsed();
  }

  /** Whether it may happen once more now. */
  take(): boolean {
    const now = this.elapsed();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.at) / 1000) * this.rate);
    this.at = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
