import type {
  DemoAlert,
  DemoReport,
  DemoRound,
  Figures,
  OrganisationReport,
} from '../experiments/demo/report.ts';
import { plainText } from '../protocol/messages/text.ts';
import { table } from './table.ts';

/** Alerts of one organisation that the report for people shows; `--json` has all. */
const SHOWN_ALERTS = 3;
const WIDTH = 100;

/** The demo's report for people. */
export function demoText(report: DemoReport): string {
  return [
    heading('Organisations'),
    organisations(report),
    heading('Rounds: every update encrypted, only the sum opened'),
    rounds(report.rounds),
    heading('What the joint model is worth'),
    quality(report),
    heading('Top alerts of each organisation (they stay there)'),
    wrap(
      "Day and time are on each organisation's own clock, which starts with its first event (long gaps between recordings " +
        "are shortened). The score is the model's logit: above 0 it finds an attack more likely than not. The highest are " +
        'shown, whatever they are.',
    ),
    report.organisations.map(alerts).join('\n'),
    heading('In plain words'),
    wrap(report.inPlainWords),
    '',
    `${report.processes.length} processes, ${(report.ms.total / 1000).toFixed(0)} s in all (data ${seconds(report.ms.data)}, ` +
      `twin and features ${seconds(report.ms.prepare)}, ${report.rounds.length} ${report.rounds.length === 1 ? 'round' : 'rounds'} ${seconds(report.ms.training)})`,
    report.kept === null
      ? 'Nothing was kept; --out DIR keeps logs, keys, data and report.'
      : `Everything is in ${report.kept}`,
  ].join('\n');
}

function organisations({ organisations: list, source }: DemoReport): string {
  const rows = list.map(({ id, events, rejects, twin, incidents }) => [
    id,
    String(events),
    String(rejects),
    String(twin.hosts),
    String(twin.accounts),
    String(twin.accountEdges + twin.hostEdges),
    String(incidents),
  ]);
  const head = [
    'organisation',
    'logons and tickets',
    'rejects',
    'hosts seen',
    'accounts seen',
    'edges',
    'labelled events',
  ];
  const unread = source.skipped > 0 ? ` (${source.skipped} files of other kinds left aside)` : '';
  const read =
    `Read ${source.files} files${unread}: ${source.records} records, ${source.rejects} rejects, ` +
    `${source.events} of them logons, processes and connections that are used.`;
  const left = source.remainder;
  const remainder =
    left === null
      ? ''
      : ` ${left.events} events belong to no organisation${left.hosts.length > 0 ? ` (${plainText(left.hosts.slice(0, 5).join(', '))})` : ''}.`;
  return `${table(head, rows)}\n${read}${remainder}`;
}

function rounds(list: readonly DemoRound[]): string {
  const head = [
    'round',
    'updates',
    'kB up',
    'kB down',
    'train',
    'encrypt',
    'upload',
    'check',
    'answer',
    'sum',
    'open',
    'audit',
    'all ms',
    'noise',
    'sum exact',
  ];
  const rows = list.map(
    ({ round, contributors, members, bytesUp, bytesDown, ms, noise, sumExact, failure }) => [
      String(round),
      `${contributors.length} of ${members.length}`,
      (bytesUp / 1000).toFixed(0),
      (bytesDown / 1000).toFixed(0),
      ...[
        ms.train + ms.quantise,
        ms.encrypt,
        ms.upload,
        ms.check,
        ms.answer,
        ms.sum,
        ms.open,
        ms.audit,
        ms.total,
      ].map((value) => value.toFixed(0)),
      noise ? `${noise.greatest} < ${noise.bound}` : '-',
      failure ? failure.code : sumExact === true ? 'yes' : 'NO',
    ],
  );
  const legend =
    "Milliseconds: train, encrypt, upload and answer are means over the members, sum and open are the coordinator's,\n" +
    'check (the committee tests every share) and audit (members recompute the sum) last from their first step to their last.\n' +
    'kB: all members together. Noise: greatest error term of the opened sum, and the bound above which it is refused.\n' +
    'Sum exact: the opened sum equals the sum of the vectors that the members recorded, number for number.';
  const absent = list.flatMap(({ round, contributors, members, outcome }) => {
    const missing = members.filter((member) => !contributors.includes(member));
    if (missing.length === 0) return [];
    const verb = outcome === 'published' ? 'went on' : 'ended';
    return [`Round ${round} ${verb} without an update of ${missing.join(', ')}.`];
  });
  return [table(head, rows), legend, ...absent].join('\n');
}

function quality({ quality: found, modelEqualsPlaintext, run }: DemoReport): string {
  const model =
    run.modelHash === null ? 'No model: the run did not finish.' : `Model ${run.modelHash.slice(0, 16)}...`;
  const same =
    modelEqualsPlaintext === null
      ? ''
      : modelEqualsPlaintext
        ? ' The same training without encryption gives the same bits.'
        : ' THE SAME TRAINING WITHOUT ENCRYPTION GIVES OTHER BITS: please report this.';
  if (!found.available) return `${model}${same}\nAP and AUC are not known: ${found.reason}.`;
  const head = ['test period, unseen attacks', 'AP', 'AUC', 'member recall'];
  const row = (name: string, { ap, auc, memberRecall }: Figures) => [
    name,
    figure(ap),
    figure(auc),
    figure(memberRecall),
  ];
  const members = found.members.flatMap((member) => [
    row(`  ${member.id}, federated`, member),
    row(`  ${member.id}, alone`, member.localOnly),
  ]);
  return [
    model + same,
    table(head, [
      row('federated, encrypted', found.federated),
      row('each alone', found.localOnly),
      row('pooled in one place', found.pooled),
      ...members,
    ]),
    'AP, AUC: average precision and area under the ROC curve over single events, means over the organisations. Member',
    'recall: of the campaigns that touch a member, the share it catches itself at one alert a day. One seed of a',
    'simulator is an illustration, not a benchmark.',
  ].join('\n');
}

function alerts({ id, alerts: list }: OrganisationReport): string {
  if (list.length === 0) return `${id}: none, the participant did not finish`;
  return [`${id}:`, ...list.slice(0, SHOWN_ALERTS).map((alert) => `  ${alertText(alert)}`)].join('\n');
}

function alertText({
  time,
  srcHost,
  dstHosts,
  account,
  score,
  reasons,
  dataset,
  techniques,
}: DemoAlert): string {
  const to =
    dstHosts.length > 3
      ? `${dstHosts.slice(0, 3).join(', ')} and ${dstHosts.length - 3} more`
      : dstHosts.join(', ');
  const from = techniques.length === 0 ? '' : ` [${techniques.slice(0, 4).join(' ')}: ${dataset}]`;
  // Names come from logs, which an attacker may have written into.
  const what = plainText(
    `${day(time)}  ${score.toFixed(1).padStart(5)}  ${account} ${srcHost} -> ${to}${from}`,
  );
  return `${what}\n      because ${plainText(reasons.join(', '))}`;
}

/** Day and time of day on the organisation's own clock, which starts at 0. */
function day(time: number): string {
  const minutes = Math.floor(time / 60_000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `day ${Math.floor(minutes / 1440)} ${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

function figure(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function heading(text: string): string {
  return `\n${text}\n${'='.repeat(text.length)}`;
}

function wrap(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
