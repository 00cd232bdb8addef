import type { RoundReport } from '../../protocol/messages/runs.ts';

type Mark = 'announced' | 'closed' | 'fixed' | 'answered' | 'opened' | 'published';

/** Collects what a round cost while it runs. */
export class RoundClock {
  private readonly elapsed: () => number;
  private readonly started: number;
  private readonly marks = new Map<Mark, number>();
  private sumMs = 0;
  private openMs = 0;
  noise: RoundReport['noise'] = null;
  bytesUp = 0;
  bytesDown = 0;

  constructor(elapsed: () => number) {
    this.elapsed = elapsed;
    this.started = elapsed();
  }

  mark(mark: Mark): void {
    this.marks.set(mark, this.elapsed());
  }

  addBytesUp(bytes: number): void {
    this.bytesUp += bytes;
  }

  addBytesDown(bytes: number): void {
    this.bytesDown += bytes;
  }

  recordOpening(opened: { sumMs: number; openMs: number; noise: RoundReport['noise'] }): void {
    this.sumMs = opened.sumMs;
    this.openMs = opened.openMs;
    this.noise = opened.noise;
  }

  /** Milliseconds by phase; a phase that was not reached is 0. */
  times(): RoundReport['ms'] {
    const at = (mark: Mark, otherwise: number) => this.marks.get(mark) ?? otherwise;
    const announced = at('announced', this.elapsed());
    const closed = at('closed', announced);
    const fixed = at('fixed', closed);
    const answered = at('answered', fixed);
    const opened = at('opened', answered);
    return {
      advertise: announced - this.started,
      collect: closed - announced,
      check: fixed - closed,
      answer: answered - fixed,
      sum: this.sumMs,
      open: this.openMs,
      audit: at('published', opened) - opened,
      total: this.elapsed() - this.started,
    };
  }
}
