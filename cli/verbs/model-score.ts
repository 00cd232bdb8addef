import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { storedBook } from '../../participant/analytics/stored-book.ts';
import { findModel } from '../../participant/models/find-model.ts';
import { readModel } from '../../participant/models/model-file.ts';
import { SCORE_FORMATS } from '../../participant/models/score/score-lines.ts';
import { type ScoreOptions, type ScoredLogs, scoreLogs } from '../../participant/models/score/score-logs.ts';
import { openIncidents } from '../../participant/telemetry/load-incidents.ts';
import { CordonError } from '../../protocol/errors.ts';
import { terminalColumns } from '../fit.ts';
import { type ScoreSummary, scoreText } from '../model-score-text.ts';
import { momentOf } from '../moment.ts';
import { print } from '../output.ts';
import { Progress } from '../progress.ts';
import { onStopSignal } from '../stop-signal.ts';
import { usageError, wholeNumber } from '../usage.ts';
import type { FromOption } from './model.ts';

export interface ModelScoreArguments extends FromOption {
  readonly model: string;
  readonly out?: string;
  readonly format?: string;
  readonly trainUntil?: string;
  readonly timeZone?: string;
  readonly maxRejects?: string;
  readonly labels?: string;
  readonly alerts: string;
}

/** Scores logs with a model, and tells the highest alerts. */
export async function modelScore(path: string, options: ModelScoreArguments): Promise<void> {
  const { from, timeZone, maxRejects } = options;
  const trainUntil =
    options.trainUntil === undefined
      ? null
      : momentOf(options.trainUntil, timeZone ?? 'UTC', '--train-until');
  const alerts = wholeNumber(options.alerts, '--alerts', 1, 10_000);
  const out = await outOf(options);
  const model = await readModel(await findModel(options.model, from));
  const { book, answers } = await storedBook(from);
  const labels = options.labels === undefined ? null : await openIncidents({ incidents: options.labels });
  const stop = new AbortController();
  void onStopSignal().then(() => stop.abort());
  const progress = new Progress();
  const result = await scoreLogs({
    path,
    model,
    answers: book,
    trainUntil,
    alerts,
    out,
    labels,
    ...(timeZone !== undefined && { timeZone }),
    ...(maxRejects !== undefined && {
      maxRejectShare: wholeNumber(maxRejects, '--max-rejects', 0, 100) / 100,
    }),
    now: Date.now(),
    signal: stop.signal,
    onEvents: (events) => progress.say(`Scoring: ${events.toLocaleString('en-US')} authentications`),
  })
    .catch((error: unknown) => {
      progress.end();
      if (stop.signal.aborted) process.exit(130);
      throw error;
    })
    .finally(() => progress.end());
  const { features } = model.version.architecture;
  const withoutAnswers = features === 'edge-v2' && answers === 0;
  const summary = summaryOf(model.version.id, out?.path ?? null, withoutAnswers, result);
  print(options.json === true, summary, () => scoreText(summary, terminalColumns(process.stdout)));
}

async function outOf({ out, format }: ModelScoreArguments): Promise<ScoreOptions['out']> {
  if (out === undefined) {
    if (format !== undefined) throw usageError('--format without --out');
    return null;
  }
  const path = resolve(out);
  const wanted = format ?? (out.endsWith('.jsonl') ? 'jsonl' : 'csv');
  const known = SCORE_FORMATS.find((name) => name === wanted);
  if (known === undefined) throw usageError(`--format ${wanted}: none of ${SCORE_FORMATS.join(', ')}`);
  if ((await stat(path).catch(() => null)) === null) return { path, format: known };
  throw new CordonError('OUTPUT_EXISTS', {
    expected: 'a file that is not there yet',
    got: path,
    next: 'name another file, or remove this one',
  });
}

function summaryOf(
  model: string,
  out: string | null,
  withoutAnswers: boolean,
  { stats, counts, ...result }: ScoredLogs,
): ScoreSummary {
  return {
    model,
    out,
    withoutAnswers,
    records: stats.records,
    rejects: stats.rejects,
    skipped: stats.skipped.map(({ file, reason }) => ({ file, reason })),
    late: counts.late,
    duplicates: counts.duplicates,
    authentications: counts.events.auth,
    ...result,
  };
}
