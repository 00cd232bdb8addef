import type { State } from '../protocol/messages/control.ts';

/**
 * `in place`: one line that is written over, for terminals; `lines`: every step on a line, and `log`: a line a stage and
 * round, with no control characters either, for files and pipes.
 */
type ProgressWay = 'in place' | 'lines' | 'log' | 'none';

/** In a log, a stage that goes on without an end is heard of this often. */
const QUIET_MS = 10_000;

/** What is going on, on standard error. */
export class Progress {
  private readonly way: ProgressWay;
  private readonly elapsed: () => number;
  private shown = '';
  private stage = '';
  private heldBack = '';
  private saidAt = 0;

  /** @param elapsed milliseconds on a clock that never goes back */
  constructor(
    way: ProgressWay = process.stderr.isTTY ? 'in place' : 'log',
    elapsed: () => number = () => performance.now(),
  ) {
    this.way = way;
    this.elapsed = elapsed;
  }

  /** A step of a stage; the steps of one differ in their numbers only. */
  say(text: string): void {
    const stage = text.replace(/\d+/g, '#');
    if (this.way !== 'log') this.write(text);
    else if (this.isDue(stage)) this.log(text, stage);
    else this.heldBack = text;
  }

  /** Where a round is. A log hears of its beginning and end, and of a long one in between. */
  state(state: State): void {
    const { phase, step, steps } = state;
    const text = describeState(state);
    if (this.way !== 'log') return this.write(text);
    const isOver = phase === 'published' || phase === 'failed';
    const stage = `round ${step}/${steps} ${isOver ? phase : ''}`;
    if (phase === 'idle') {
      if (!this.stage.startsWith('round ')) this.say(text);
    } else if (this.isDue(stage)) this.log(text, stage);
  }

  private isDue(stage: string): boolean {
    return stage !== this.stage || this.elapsed() - this.saidAt >= QUIET_MS;
  }

  /** What was held back is told when the next stage begins: how far the one before came. */
  private log(text: string, stage: string): void {
    if (stage !== this.stage && this.heldBack !== '') this.write(this.heldBack);
    this.heldBack = '';
    this.stage = stage;
    this.saidAt = this.elapsed();
    this.write(text);
  }

  private write(text: string): void {
    if (this.way === 'none' || text === this.shown) return;
    this.shown = text;
    if (this.way === 'in place')
      process.stderr.write(`\r\u001b[2K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
    else process.stderr.write(`${text}\n`);
  }

  /** Leaves the line, so that other output starts on one of its own; the last line of a log says how far it came. */
  end(): void {
    if (this.heldBack !== '') this.write(this.heldBack);
    if (this.way === 'in place' && this.shown !== '') process.stderr.write('\r\u001b[2K');
    this.shown = '';
    this.stage = '';
    this.heldBack = '';
  }
}

const DOING = {
  idle: 'members connected',
  keying: 'seal keys or parts of the key in',
  advertising: 'committee keys in',
  collecting: 'updates in',
  checking: 'committee members have tested their shares',
  opening: 'answers in',
  combining: 'opening the sum',
  auditing: 'audits in',
  published: 'published',
  failed: 'failed',
} as const satisfies Record<State['phase'], string>;

/** For example `Round 3/5: 2 of 3 updates in, waiting for acme`. */
export function describeState({ phase, step, steps, done, expected, waitingFor }: State): string {
  const round = phase === 'idle' || phase === 'keying' ? '' : `Round ${step}/${steps}: `;
  if (phase === 'combining' || phase === 'published' || phase === 'failed') return `${round}${DOING[phase]}`;
  const waiting =
    waitingFor.length > 0 && waitingFor.length <= 3 ? `, waiting for ${waitingFor.join(', ')}` : '';
  return `${round}${done} of ${expected} ${DOING[phase]}${waiting}`;
}
