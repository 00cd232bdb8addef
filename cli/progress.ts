import type { State } from '../protocol/messages/control.ts';

/** `in place`: one line that is written over, for terminals; `lines`: one line a step, for logs. */
type ProgressWay = 'in place' | 'lines' | 'none';

/** What is going on, on standard error. In a pipe it says nothing unless the caller wants lines. */
export class Progress {
  private readonly way: ProgressWay;
  private shown = '';

  constructor(way: ProgressWay = process.stderr.isTTY ? 'in place' : 'none') {
    this.way = way;
  }

  say(text: string): void {
    if (this.way === 'none' || text === this.shown) return;
    this.shown = text;
    if (this.way === 'lines') process.stderr.write(`${text}\n`);
    else process.stderr.write(`\r\u001b[2K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
  }

  state(state: State): void {
    this.say(describeState(state));
  }

  /** Leaves the line, so that other output starts on one of its own. */
  end(): void {
    if (this.way === 'in place' && this.shown !== '') process.stderr.write('\r\u001b[2K');
    this.shown = '';
  }
}

const DOING = {
  idle: 'members connected',
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
  const round = phase === 'idle' ? '' : `Round ${step}/${steps}: `;
  if (phase === 'combining' || phase === 'published' || phase === 'failed') return `${round}${DOING[phase]}`;
  const waiting =
    waitingFor.length > 0 && waitingFor.length <= 3 ? `, waiting for ${waitingFor.join(', ')}` : '';
  return `${round}${done} of ${expected} ${DOING[phase]}${waiting}`;
}
