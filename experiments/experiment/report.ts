import type { MethodResult } from './method-result.ts';
import { type Experiment, type ExperimentData, type Track, daysOf } from './experiment.ts';
import type { Interval } from './interval.ts';
import { ALL } from './measure.ts';
import { methodText } from './method-text.ts';
import type { MetricSummary, Metrics } from './metrics.ts';

/** What tables show of every method, in this order; other figures stand in `metrics.csv`. */
export const SHOWN: readonly (readonly [metric: string, name: string])[] = [
  ['memberRecall', 'member recall'],
  ['memberRecall@smallest', 'of the three smallest'],
  ['campaignRecall', 'campaign recall'],
  ['ap', 'AP'],
  ['auc', 'AUC'],
  ['tpr', 'TPR at FPR 1e-3'],
  ['falseAlertsPerDay', 'false alerts a day'],
];

/** For people: what was run, how it compares, how to run it again. */
export function reportText(
  experiment: Experiment,
  metrics: Metrics,
  results: readonly MethodResult[],
  charts: Readonly<Record<'figures' | 'learning', string | null>>,
): string {
  const { title, data } = experiment;
  const commits = [...new Set(results.map(({ commit }) => commit))];
  return [
    `# ${title}`,
    '',
    `${dataText(data)} Seeds ${metrics.seeds.join(', ')}. Commit ${commits.join(', ')}.`,
    '',
    'Mean over the seeds with the 95 % interval (Student t).',
    '',
    ...table(
      ['method', ...SHOWN.map(([, name]) => name)],
      metrics.methods.map((method) => [
        method,
        ...SHOWN.map(([metric]) => intervalText(find(metrics.summary, method, ALL, metric))),
      ]),
    ),
    '',
    ...(charts.figures === null ? [] : ['![Figures of the methods](figures.svg)', '']),
    ...differencesText(metrics),
    ...(charts.learning === null ? [] : ['![Round by round](learning.svg)', '']),
    ...splitsText(metrics),
    ...tracksText(experiment, metrics),
    ...membersText(metrics),
    ...recordingsText(metrics),
    '## Methods',
    '',
    ...table(
      ['method', 'scores', 'features', 'labels', 'training', 'special', 'epsilon a period, a year'],
      experiment.methods.map((method) => [method.name, ...methodText(method, daysOf(data))]),
    ),
    '',
    ...encryptionText(results),
    '## Again',
    '',
    `With the same version, \`metrics.json\` comes out byte for byte the same${
      experiment.methods.some(({ kind }) => kind === 'program')
        ? ', as long as the programs, which have to stand beside the file, do the same with the same rows'
        : ''
    }:`,
    '',
    '```sh',
    `cordon experiment run experiment.yaml --seeds ${metrics.seeds.join(',')} --out DIR`,
    '```',
    '',
  ].join('\n');
}

function dataText(data: ExperimentData): string {
  if (data.kind === 'simulator') {
    const { orgs, hosts, accounts, days, trainDays, scenarios } = data;
    const names = scenarios.map(({ scenario }) => scenario).join(', ');
    return `${orgs} organisations, ${hosts} hosts, ${accounts} accounts, ${days} days, of which ${trainDays} train; scenarios ${names}. Simulated.`;
  }
  const { title, partition } = data;
  const divided =
    partition.kind === 'balanced'
      ? `${partition.members} members of about as many hosts each, drawn by the seed`
      : `the ${partition.side} clusters of a block model, and one more for all other hosts`;
  return `${title}, recorded in one network; its hosts divided into members: ${divided}. An event belongs to the member of its destination; a campaign is what came from one source on one day.`;
}

function differencesText({ differences }: Metrics): string[] {
  if (differences.length === 0) return [];
  const pairs = [...new Set(differences.map(({ a, b }) => `${a} less ${b}`))];
  return [
    '## Differences',
    '',
    'Seed by seed, then the mean and its 95 % interval.',
    '',
    ...table(
      ['pair', ...SHOWN.map(([, name]) => name)],
      pairs.map((pair) => [
        pair,
        ...SHOWN.map(([metric]) =>
          intervalText(differences.find((one) => `${one.a} less ${one.b}` === pair && one.metric === metric)),
        ),
      ]),
    ),
    '',
  ];
}

/** By who knew the tactic before the test, and by tactic. */
function splitsText({ summary, methods }: Metrics): string[] {
  const prefix = 'memberRecall:';
  const splits = [...new Set(summary.map(({ metric }) => metric))].filter((metric) =>
    metric.startsWith(prefix),
  );
  if (splits.length === 0) return [];
  return [
    '## Member recall by what was known, and by tactic',
    '',
    ...table(
      ['campaigns', ...methods],
      splits.map((metric) => [
        metric.slice(prefix.length).replaceAll('-', ' '),
        ...methods.map((method) => intervalText(find(summary, method, ALL, metric))),
      ]),
    ),
    '',
  ];
}

/** Members that the file names together, and all others. */
function tracksText({ tracks }: Experiment, { summary, methods }: Metrics): string[] {
  if (tracks.length === 0) return [];
  const names = tracks.flatMap(({ name }) => [name, `all-but-${name}`]);
  const columns = ['memberRecall', 'ap', 'triggered.memberRecall'].flatMap((metric) =>
    names.map((name) => `${metric}@${name}`),
  );
  const there = columns.filter((metric) => summary.some((one) => one.metric === metric));
  return [
    '## Members by track',
    '',
    ...tracks.map(({ name, of }) => `- ${name}: ${trackText(of)}`),
    '',
    'Member recall and average precision of the members of a track, and of all but them. Where a figure is `triggered`, every malicious event of the test time has the trigger of the backdoor.',
    '',
    ...table(
      [
        'method',
        ...there.map((metric) => metric.replace('memberRecall', 'member recall').replace('@', ' of ')),
      ],
      methods.map((method) => [
        method,
        ...there.map((metric) => intervalText(find(summary, method, ALL, metric))),
      ]),
    ),
    '',
  ];
}

function trackText(of: Track['of']): string {
  if ('members' in of) return of.members.join(', ');
  const { take, count } = of;
  return take === 'random' ? `${count} drawn by the seed` : `the ${count} ${take} by events`;
}

/** Real recordings by technique: one member's sight, and no word about false alerts. */
function recordingsText({ summary, methods }: Metrics): string[] {
  const prefix = 'recordingRecall';
  const metrics = [...new Set(summary.map(({ metric }) => metric))].filter((metric) =>
    metric.startsWith(prefix),
  );
  if (metrics.length === 0) return [];
  const those = methods.filter((method) => find(summary, method, ALL, 'recordings') !== undefined);
  const count = (metric: string) => find(summary, those[0] ?? '', ALL, metric)?.mean ?? 0;
  return [
    '## Real recordings, by technique',
    '',
    `${count('recordings')} recordings of attacks, of which ${count('recordingsWithRemoteLogons')} have a remote logon: the share in which one of their remote logons would be an alert, had it all happened at the member in the middle by size on the day after its logs end. Everything in a recording is new to that member and nobody has labelled what in it is not the attack: **this says nothing about false alerts**, and more of it is found than in a network that knows its hosts. A technique without a row left no remote logon.`,
    '',
    ...table(
      ['technique', 'recordings', ...those],
      metrics.map((metric) => [
        metric === prefix ? 'all' : metric.slice(prefix.length + 1),
        String(count(metric.replace(prefix, 'recordingsWithRemoteLogons'))),
        ...those.map((method) => intervalText(find(summary, method, ALL, metric))),
      ]),
    ),
    '',
  ];
}

function membersText({ summary, methods }: Metrics): string[] {
  const members = [...new Set(summary.map(({ member }) => member))].filter((member) => member !== ALL);
  return [
    '## Member recall, member by member',
    '',
    ...table(
      ['member', ...methods],
      members.map((member) => [
        member,
        ...methods.map((method) => intervalText(find(summary, method, member, 'memberRecall'))),
      ]),
    ),
    '',
  ];
}

function encryptionText(results: readonly MethodResult[]): string[] {
  const runs = results.flatMap(({ method, encrypted }) =>
    encrypted === null ? [] : { method, ...encrypted },
  );
  if (runs.length === 0) return [];
  const names = [...new Set(runs.map(({ method }) => method))];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return [
    '## Encryption',
    '',
    'Trained by a coordinator and participants as processes of their own. In every run the model had the same bits as without encryption; anything else ends an experiment. Where a member was too slow for a round, the bits were compared with those of the same contributors round by round; figures are always those of rounds in which all take part, because nobody could repeat others. Where the features are cross-organisation, the answers of the counting were made without encryption, by the functions that members run: the sums of a sketch run are exact, which tests of sketch runs compare.',
    '',
    ...table(
      ['method', 'runs', 'rounds', 'that lacked somebody', 'MB up a round', 'MB down a round', 'ms a round'],
      names.map((name) => {
        const those = runs.filter(({ method }) => method === name);
        return [
          name,
          String(those.length),
          String(those.reduce((sum, { rounds }) => sum + rounds, 0)),
          String(those.reduce((sum, { missing }) => sum + missing.length, 0)),
          (mean(those.map(({ bytesUp }) => bytesUp)) / 1e6).toFixed(2),
          (mean(those.map(({ bytesDown }) => bytesDown)) / 1e6).toFixed(2),
          mean(those.map(({ msRound }) => msRound)).toFixed(0),
        ];
      }),
    ),
    '',
  ];
}

function find(summary: readonly MetricSummary[], method: string, member: string, metric: string) {
  return summary.find((one) => one.method === method && one.member === member && one.metric === metric);
}

/** For example `.714 (.690 to .738)`; a dash where there is nothing. */
export function intervalText(interval: Pick<Interval, 'mean' | 'low' | 'high'> | undefined): string {
  if (interval === undefined) return '-';
  const { mean, low, high } = interval;
  const figure = (value: number) => value.toFixed(3);
  return low === null || high === null ? figure(mean) : `${figure(mean)} (${figure(low)} to ${figure(high)})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
