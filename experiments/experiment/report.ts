import { sketchPrivacy } from '../../models/analytics/sketch-privacy.ts';
import type { MethodResult } from './method-result.ts';
import { type Experiment, type Method, type Variant, countingTask } from './experiment.ts';
import type { Interval } from './interval.ts';
import { ALL } from './measure.ts';
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
    `${data.orgs} organisations, ${data.hosts} hosts, ${data.accounts} accounts, ${data.days} days, of which ${data.trainDays} train; scenarios ${data.scenarios.map(({ scenario }) => scenario).join(', ')}. Simulated, seeds ${metrics.seeds.join(', ')}. Commit ${commits.join(', ')}.`,
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
    ...membersText(metrics),
    '## Methods',
    '',
    ...table(
      ['method', 'scores', 'features', 'labels', 'training', 'epsilon a period, a year'],
      experiment.methods.map((method) => [method.name, ...methodText(method, data.days)]),
    ),
    '',
    ...encryptionText(results),
    '## Again',
    '',
    'With the same version, `metrics.json` comes out byte for byte the same:',
    '',
    '```sh',
    `cordon experiment run experiment.yaml --seeds ${metrics.seeds.join(',')} --out DIR`,
    '```',
    '',
  ].join('\n');
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
    'Trained by a coordinator and participants as processes of their own. In every run the model had the same bits as without encryption; anything else ends an experiment. Where the features are cross-organisation, the answers of the counting were made without encryption, by the functions that members run: the sums of a sketch run are exact, which tests of sketch runs compare.',
    '',
    ...table(
      ['method', 'runs', 'rounds', 'MB up a round', 'MB down a round', 'ms a round'],
      names.map((name) => {
        const those = runs.filter(({ method }) => method === name);
        return [
          name,
          String(those.length),
          String(those.reduce((sum, { rounds }) => sum + rounds, 0)),
          (mean(those.map(({ bytesUp }) => bytesUp)) / 1e6).toFixed(2),
          (mean(those.map(({ bytesDown }) => bytesDown)) / 1e6).toFixed(2),
          mean(those.map(({ msRound }) => msRound)).toFixed(0),
        ];
      }),
    ),
    '',
  ];
}

function methodText(method: Method, days: number): string[] {
  if (method.kind === 'best-of') return [`best of ${method.of.join(', ')} for each member`, '', '', '', ''];
  const { counting, labels } = method;
  const features =
    counting === null
      ? 'own'
      : `cross-organisation, every ${counting.interval} s, floor ${counting.floor}, noise ${counting.noise}`;
  if (method.kind === 'rule') return [method.rule, features, labels, '', epsilonText(method, days)];
  const { weights, encryption, publicAttacks, rounds, training, hidden } = method;
  const { steps, batch, learningRate, corrupted } = training;
  const from = publicAttacks?.map(({ scenario }) => scenario).join(', ');
  return [
    weights === 'federated' ? `federated, ${encryption ? 'encrypted' : 'not encrypted'}` : weights,
    features,
    from === undefined ? labels : `${labels}, and public attacks: ${from}`,
    `${rounds} rounds of ${steps} steps of ${batch}, rate ${learningRate}, corrupted ${corrupted}, hidden ${hidden}`,
    epsilonText(method, days),
  ];
}

function epsilonText({ counting }: Variant, days: number): string {
  if (counting === null) return '';
  const task = countingTask(counting, days);
  if (task.noise === null) return 'no bound: exact sums';
  const { periodEpsilon, yearEpsilon } = sketchPrivacy(task, task.noise.delta);
  return `${periodEpsilon.toFixed(2)}, ${yearEpsilon.toFixed(0)} (delta ${task.noise.delta})`;
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
  const line = (texts: readonly string[]) => `| ${texts.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
