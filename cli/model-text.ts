import type { FoundVersions } from '../participant/models/version-store.ts';
import type { ModelVersion } from '../participant/models/model-version.ts';
import { plainText } from '../protocol/messages/text.ts';
import { when } from './moment.ts';
import { table } from './table.ts';

/** Versions as a table, each below the one that was the newest before it. */
export function versionsText({ stored, damaged }: FoundVersions, columns = Infinity): string {
  const rows = stored.map(({ version }) => [
    version.id,
    ...sourceCells(version),
    plainText(version.architecture.features),
    String(version.parameters),
    version.previous ?? '-',
  ]);
  const head = ['model', 'from', 'task', 'rounds', 'members', 'ended', 'features', 'parameters', 'before it'];
  return [
    ...(rows.length === 0 ? ['no models yet'] : [table(head, rows, columns)]),
    ...damaged.map(({ expected, got }) => `damaged: expected ${plainText(expected)}, got ${plainText(got)}`),
  ].join('\n');
}

function sourceCells({ origin }: ModelVersion): string[] {
  const task = plainText(origin.task.name);
  if (origin.kind === 'experiment') {
    const { method, seed, members, weights } = origin;
    const whose = weights === 'local' ? `, ${members[0] ?? ''}` : '';
    return [`${method}, seed ${seed}${whose}`, task, '-', String(members.length), '-'];
  }
  const { run, rounds, ended } = origin;
  const members = new Set(rounds.flatMap(({ contributors }) => contributors));
  const count = rounds.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return [run, task, String(count), String(members.size), when(ended.time)];
}

/** Everything that a version says of itself. */
export function versionText(version: ModelVersion, path: string): string {
  const { architecture, origin } = version;
  return [
    `${version.id}: ${path}`,
    `  hash          ${version.modelHash}`,
    `  architecture  ${plainText(JSON.stringify(architecture), 512)}`,
    `  parameters    ${version.parameters}`,
    ...(origin.kind === 'federation' ? federationLines(origin) : experimentLines(origin)),
    `  task          ${plainText(origin.task.name)}, ${origin.taskHash}`,
    `  optimiser     ${plainText(origin.task.optimiser?.kind ?? 'fedavg')}`,
    `  began from    ${origin.firstModel}`,
    `  before it     ${version.previous ?? 'none'}`,
  ].join('\n');
}

type Origin<K> = Extract<ModelVersion['origin'], { readonly kind: K }>;

function federationLines({ consortium, epoch, run, rounds, ended }: Origin<'federation'>): string[] {
  return [
    `  consortium    ${consortium}, epoch ${epoch}`,
    `  run           ${run}, ended ${when(ended.time)}`,
    `  log           entry ${ended.index}, ${ended.hash}`,
    ...rounds.map(({ from, to, contributors }, i) => {
      const which = from === to ? `round ${from}` : `rounds ${from} to ${to}`;
      return `  ${i === 0 ? 'contributors' : '            '}  ${which}: ${contributors.join(', ')}`;
    }),
  ];
}

function experimentLines(origin: Origin<'experiment'>): string[] {
  const { method, seed, weights, encrypted, members } = origin;
  return [
    `  experiment    ${method}, seed ${seed}, ${weights} weights${encrypted ? ', trained encrypted' : ''}`,
    `  members       ${members.join(', ')}`,
  ];
}
