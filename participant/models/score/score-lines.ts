import type { AuthEvent } from '../../../protocol/events/canonical.ts';
import { usedAccount } from '../../features/event-kind.ts';

export const SCORE_FORMATS = ['csv', 'jsonl'] as const;
export type ScoreFormat = (typeof SCORE_FORMATS)[number];

/** Which alert a line belongs to, the highest being 1, and why, where it is the alert's highest event. */
export interface LineEnd {
  readonly alert: number | null;
  readonly reasons: readonly string[];
}

/** The lines of a file of scores, in two parts: what is known when an event is scored, and what is known at the end. */
export interface ScoreLines {
  /** First line, or ''. */
  readonly head: string;
  begin(event: AuthEvent, score: number): string;
  end(end: LineEnd): string;
}

export const SCORE_LINES: Readonly<Record<ScoreFormat, ScoreLines>> = {
  csv: {
    head: 'time,srcHost,dstHost,account,score,alert,reasons\n',
    begin: (event, score) =>
      [event.time, cell(event.srcHost), cell(event.dstHost), cell(usedAccount(event)), shortest(score)].join(
        ',',
      ),
    end: ({ alert, reasons }) => `,${alert ?? ''},${cell(reasons.join('; '))}\n`,
  },
  jsonl: {
    head: '',
    begin: (event, score) => {
      const { time, srcHost, dstHost } = event;
      const account = usedAccount(event);
      return JSON.stringify({ time, srcHost, dstHost, account, score: shortest(score) }).slice(0, -1);
    },
    end: (end) => `,${JSON.stringify(end).slice(1)}\n`,
  },
};

/** As few digits as give the same float32 again. */
function shortest(score: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const value = Number(score.toPrecision(digits));
    if (Math.fround(value) === score) return value;
  }
  return Number(score.toPrecision(9));
}

/** What spreadsheets take for a formula; names come from logs. */
const FORMULA = /^[=+\-@]/;
/** Control characters and separators of lines: they would end the line. */
const CONTROL = /[\p{Cc}\u2028\u2029]/gu;

/** A text of one line (RFC 4180), control characters as spaces, and with an apostrophe before what looks like a formula. */
function cell(text: string): string {
  const plain = text.replace(CONTROL, ' ');
  const safe = FORMULA.test(plain) ? `'${plain}` : plain;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
