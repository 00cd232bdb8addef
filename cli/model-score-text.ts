import type { ScoredLogs } from '../participant/models/score/score-logs.ts';
import { plainText } from '../protocol/messages/text.ts';
import { when } from './moment.ts';
import { table } from './table.ts';

/** What `cordon model score` tells, as one object. */
export interface ScoreSummary extends Omit<ScoredLogs, 'stats' | 'counts'> {
  readonly model: string;
  /** File of the scores, or null. */
  readonly out: string | null;
  /** The model reads what others have seen, and there was nothing of it. */
  readonly withoutAnswers: boolean;
  readonly records: number;
  readonly rejects: number;
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
  readonly late: number;
  readonly duplicates: number;
  readonly authentications: number;
}

/** Longest name in a table; names come from logs. */
const LONGEST = 48;

/** The highest alerts with their reasons, and where labels were given how good the scores are. */
export function scoreText(summary: ScoreSummary, columns = Infinity): string {
  const { model, records, rejects, authentications, scored, groups, alerts, out } = summary;
  const { late, duplicates, skipped, withoutAnswers } = summary;
  const less = [
    ...(rejects > 0 ? [`${rejects} rejects`] : []),
    ...(late > 0 ? [`${late} too late to be scored`] : []),
    ...(duplicates > 0 ? [`${duplicates} there twice`] : []),
  ];
  return [
    `${model}: ${scored} of ${authentications} authentications scored, from ${records} records`,
    ...(less.length > 0 ? [less.join(', ')] : []),
    ...skipped.map(({ file, reason }) => `skipped ${plainText(file)}: ${plainText(reason)}`),
    ...(withoutAnswers
      ? [
          'the model reads what other members have seen, and none of that is here: --from names no state folder with it',
        ]
      : []),
    '',
    table(
      ['alert', 'time', 'source', 'destinations', 'account', 'score', 'events', ''],
      alerts.map((one) => [
        String(one.rank),
        when(one.time),
        name(one.srcHost),
        name(one.dstHosts.join(' ')),
        name(one.account),
        one.score.toFixed(2),
        String(one.events),
        one.isLabelled ? 'labelled' : '',
      ]),
      columns,
    ),
    '',
    ...alerts
      .slice(0, 5)
      .map(({ rank, reasons }) => `${rank}. ${reasons.join('; ') || 'no reason stands out'}`),
    '',
    `${alerts.length} of ${groups} (source host, day) groups shown; ${alerts.length < 6 ? '' : 'reasons of the first five; '}${
      out === null ? '--out FILE writes every score' : `every score is in ${out}`
    }`,
    ...evaluationLines(summary),
  ].join('\n');
}

function evaluationLines({ evaluation, alerts }: ScoreSummary): string[] {
  if (evaluation === null) return [];
  const { labelled, events, ap, auc, tpr, groups, groupsFound } = evaluation;
  if (labelled === 0) return ['', 'labels: none of them means an event that was scored'];
  const figure = (value: number | null) => value?.toFixed(4) ?? 'undefined';
  return [
    '',
    `labels: ${labelled} of ${events} scored events are labelled, in ${groups} groups`,
    `  average precision ${figure(ap)}, AUC ${figure(auc)}`,
    `  recall where one benign event in 1,000 is taken for malicious: ${figure(tpr)}`,
    `  labelled groups among the ${alerts.length} highest alerts: ${groupsFound} of ${groups}`,
  ];
}

function name(text: string): string {
  return plainText(text, LONGEST);
}
