import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';
import { logon } from '../../../test/auth-event.ts';
import { Evaluator } from './evaluation.ts';
import { ScoreFile } from './score-file.ts';
import { SCORE_LINES } from './score-lines.ts';

const line = (format: 'csv' | 'jsonl', event: AuthEvent, score: number, reasons: string[] = []): string =>
  SCORE_LINES[format].begin(event, score) + SCORE_LINES[format].end({ alert: null, reasons });

it('a file of scores keeps line and group together, whatever ends lines elsewhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-score-file-'));
  const path = join(folder, 'x.jsonl');
  const file = new ScoreFile(path, 'jsonl');
  const names = ['a\u2028b', 'c\r\nd', 'e\tf', '\u{1f600}'.repeat(70_000), 'g'];
  names.forEach((name, i) => {
    file.add(logon(1, name, 'b'), i, 10 + i);
  });
  await file.finish((group, place) => ({ alert: group - place, reasons: [String(group)] }));
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  expect(lines.map((text) => JSON.parse(text) as object)).toEqual(
    names.map((srcHost, i) => ({
      time: 3_600_000,
      srcHost,
      dstHost: 'b',
      account: 'ann@x',
      score: i,
      alert: 10,
      reasons: [String(10 + i)],
    })),
  );
  expect(await readdir(folder)).toEqual(['x.jsonl']);
  await rm(folder, { recursive: true });
});

describe('a line of scores', () => {
  it('as CSV quotes what names may hold, and shows a spreadsheet no formula', () => {
    const event = logon(0, 'a,"b"', '=1+2', 'u\n\u2028x', { time: 5 });
    expect(line('csv', event, 1.5, ['one', 'two, three'])).toBe(
      `5,"a,""b""",'=1+2,u  x,1.5,,"one; two, three"\n`,
    );
  });

  it('is one line that gives the score again to the bit, whatever the names', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        fc.string({ unit: 'binary' }),
        (score, name) => {
          const event = logon(1, name, 'b');
          const json = line('jsonl', event, score);
          expect(json.indexOf('\n')).toBe(json.length - 1);
          const parsed = JSON.parse(json) as { score: number; srcHost: string };
          expect(Math.fround(parsed.score)).toBe(score === 0 ? 0 : score);
          expect(parsed.srcHost).toBe(name);
          const csv = line('csv', event, score);
          expect(csv.indexOf('\n')).toBe(csv.length - 1);
        },
      ),
    );
  });
});

it('an evaluation takes no more events than it can rank', () => {
  const evaluator = new Evaluator(2000);
  for (let i = 0; i < 2000; i++) evaluator.add(i, i >= 1999);
  expect(evaluator.finish()).toEqual({ events: 2000, labelled: 1, ap: 1, auc: 1, tpr: 1, tprStrict: 1 });
  expect(() => {
    evaluator.add(0, false);
  }).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }) as Error);
});
