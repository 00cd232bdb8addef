#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { endWithReader } from './closed-output.ts';
import { type JsonOption, endWith } from './output.ts';
import type { ServiceArguments } from './stop-signal.ts';
import { requireNode } from './require-node.ts';
import { usageError } from './usage.ts';
import { alertCommand } from './verbs/alert-command.ts';
import type { BenchArguments } from './verbs/bench.ts';
import type { ListArguments, PullArguments } from './verbs/datasets-pull.ts';
import type { SimulateArguments } from './verbs/datasets-simulate.ts';
import type { InspectArguments } from './verbs/datasets.ts';
import type { DemoArguments } from './verbs/demo.ts';
import { experimentCommand } from './verbs/experiment-command.ts';
import type { ParticipantArguments } from './verbs/participant-run.ts';
import { incidentCommand } from './verbs/incident-command.ts';
import { modelCommand } from './verbs/model-command.ts';
import type { RoundArguments } from './verbs/round.ts';
import { twinCommand } from './verbs/twin-command.ts';
import { version } from './version.ts';

endWithReader();
requireNode();

/**
 * The command line. Every verb is a file of its own and is loaded only when it is called, so that `coordinator serve`
 * never loads code that a coordinator must not have.
 */
const program = new Command('cordon')
  .description(
    'Federated lateral-movement detection in which every update is encrypted and only sums are opened.',
  )
  .version(version(), '-V, --version')
  .helpOption('-h, --help', 'show this help')
  .showSuggestionAfterError()
  .addHelpText('after', example('cordon demo'))
  .exitOverride()
  .configureOutput({ outputError: () => undefined });

program
  .command('demo')
  .description('run a whole encrypted federation on this machine, as separate processes')
  .option('--members <n>', 'participants, at least 3 (simulator only; default: 4)')
  .option('--rounds <n>', 'rounds of training, at least 1', '20')
  .option('--seed <n>', 'seed of simulator, first model and sampling', '7')
  .option(
    '--data <dir>',
    'real telemetry instead of the simulator (Mordor recordings, by Active Directory domain)',
  )
  .option('--out <dir>', 'keep everything in this new folder instead of a temporary one')
  .option('--no-compare', 'leave out the comparison with local-only, pooled and plaintext training')
  .option('--json', 'one JSON object on standard output, nothing else')
  .addHelpText('after', example('cordon demo --members 5 --rounds 10'))
  .action(async (options: DemoArguments) => (await import('./verbs/demo.ts')).demo(options));

const coordinator = program
  .command('coordinator')
  .description('the one that sums what it cannot read')
  .addHelpText('after', example('cordon coordinator serve coordinator.yaml'));
coordinator
  .command('serve')
  .description('run a coordinator until it is stopped')
  .argument('<config>', 'configuration file (YAML)')
  .option('--json', 'one JSON object on standard output once it listens')
  .option('--until-stdin-ends', 'stop as well when standard input ends, for a parent process that may die')
  .addHelpText('after', example('cordon coordinator serve coordinator.yaml'))
  .action(async (config: string, options: ServiceArguments) =>
    (await import('./verbs/coordinator-serve.ts')).coordinatorServe(config, options),
  );

const participant = program
  .command('participant')
  .description('the one that keeps its telemetry')
  .addHelpText('after', example('cordon participant run acme.yaml'));
participant
  .command('run')
  .description('run a participant until it is stopped')
  .argument('<config>', 'configuration file (YAML)')
  .option('--watch <dir>', 'follow the growing and rotating logs of this folder (overrides telemetry.watch)')
  .option('--json', 'one JSON object on standard output once its data is prepared')
  .option('--until-stdin-ends', 'stop as well when standard input ends, for a parent process that may die')
  .addHelpText('after', example('cordon participant run acme.yaml --watch /var/log/collected'))
  .action(async (config: string, options: ParticipantArguments) =>
    (await import('./verbs/participant-run.ts')).participantRun(config, options),
  );

const consortium = program
  .command('consortium')
  .description('who the members are and what may be relied on')
  .addHelpText('after', example('cordon consortium show roster.json'));
consortium
  .command('show')
  .description('check a roster file and show members, bounds, epochs and who signed them')
  .argument('<roster>', 'roster file (JSON)')
  .option('--json', 'one JSON object on standard output')
  .addHelpText('after', example('cordon consortium show roster.json'))
  .action(async (roster: string, options: JsonOption) =>
    (await import('./verbs/consortium.ts')).consortiumShow(roster, options),
  );

const round = program
  .command('round')
  .description('start and watch training runs (for operators)')
  .addHelpText('after', example('cordon round ls --operator operator.yaml'));
const operated = (command: Command) =>
  command
    .requiredOption('--operator <file>', 'configuration of the operator (YAML)')
    .option('--json', 'one JSON object on standard output');
operated(round.command('start'))
  .description('start a run from a task file')
  .argument('<task>', 'task file (YAML)')
  .option('--watch', 'stay until the run is over and show its progress')
  .option(
    '--dry-run',
    'start nothing and ask nobody: check a sketch task against the roster and show what it would cost in privacy',
  )
  .addHelpText('after', example('cordon round start task.yaml --operator operator.yaml --watch'))
  .action(async (task: string, options: RoundArguments) =>
    (await import('./verbs/round.ts')).roundStart(task, options),
  );
operated(round.command('ls'))
  .description('list the runs')
  .addHelpText('after', example('cordon round ls --operator operator.yaml'))
  .action(async (options: RoundArguments) => (await import('./verbs/round.ts')).roundList(options));
operated(round.command('show'))
  .description('show one run, round by round')
  .argument('<run>', 'id of the run')
  .addHelpText('after', example('cordon round show run-0123456789abcdef --operator operator.yaml'))
  .action(async (run: string, options: RoundArguments) =>
    (await import('./verbs/round.ts')).roundShow(run, options),
  );
operated(round.command('cancel'))
  .description('stop a run; nothing of the open round is published')
  .argument('<run>', 'id of the run')
  .addHelpText('after', example('cordon round cancel run-0123456789abcdef --operator operator.yaml'))
  .action(async (run: string, options: RoundArguments) =>
    (await import('./verbs/round.ts')).roundCancel(run, options),
  );

const privacy = program
  .command('privacy')
  .description('what noised sums give away')
  .addHelpText('after', example('cordon privacy show sketch.yaml'));
privacy
  .command('show')
  .description('the epsilon of a sketch task, or of what a participant has released, in plain words')
  .argument('<path>', 'task file (YAML), or state folder of a participant')
  .option('--json', 'one JSON object on standard output')
  .addHelpText('after', example('cordon privacy show sketch.yaml'))
  .action(async (path: string, options: JsonOption) =>
    (await import('./verbs/privacy.ts')).privacyShow(path, options),
  );

const datasets = program
  .command('datasets')
  .description('read and make telemetry')
  .addHelpText('after', example('cordon datasets inspect logs/'));
const several = (value: string, before: readonly string[] | undefined) => [...(before ?? []), value];
datasets
  .command('ls')
  .description('public data sets that can be pulled; with an id, its terms and files')
  .argument('[id]', 'data set')
  .option('--catalogue <file>', 'also a data set described in this file; may be repeated', several)
  .option('--json', 'one JSON object on standard output')
  .addHelpText('after', example('cordon datasets ls mordor'))
  .action(async (id: string | undefined, options: ListArguments) =>
    (await import('./verbs/datasets-pull.ts')).datasetsList(id, options),
  );
datasets
  .command('pull')
  .description('bring the files of a public data set here, checked by size and SHA-256')
  .argument('<id>', 'data set, as cordon datasets ls shows it')
  .option('--out <dir>', 'folder for data sets; the files go to DIR/ID', 'datasets')
  .option(
    '--only <pattern>',
    'files whose path has this in it or matches this glob; may be repeated',
    several,
  )
  .option('--mirror <dir>', 'folder that has the files: the network is not used (CORDON_DATASETS_MIRROR)')
  .option('--catalogue <file>', 'also a data set described in this file; may be repeated', several)
  .option('--dry-run', 'only show what would be brought, and its terms')
  .option('--json', 'one JSON object on standard output')
  .addHelpText('after', example("cordon datasets pull mordor --only 'lateral_movement/host/*'"))
  .action(async (id: string, options: PullArguments) =>
    (await import('./verbs/datasets-pull.ts')).datasetsPull(id, options),
  );
datasets
  .command('inspect')
  .description('recognise the format of a file or folder and show what is in it')
  .argument('<path>', 'file or folder, plain, gz, zip, zst or Parquet')
  .option('--time-zone <zone>', 'whose wall clock times without a zone are read by (default: UTC)')
  .option('--rejects <file>', 'write every line that cannot be read here, as JSON lines')
  .option('--max-rejects <percent>', 'largest share of bad lines in a file (default: 20)')
  .option('--json', 'one JSON object on standard output')
  .addHelpText('after', example('cordon datasets inspect logs/ --time-zone Europe/Berlin'))
  .action(async (path: string, options: InspectArguments) =>
    (await import('./verbs/datasets.ts')).datasetsInspect(path, options),
  );
datasets
  .command('simulate')
  .description(
    'write the logs of several organisations with attacks that cross them, and the truth about them',
  )
  .option('--out <dir>', 'new folder to write to')
  .option('--orgs <n>', 'organisations', '4')
  .option('--hosts <n>', 'hosts in all organisations together')
  .option('--accounts <n>', "people's accounts in all organisations together")
  .option('--days <n>', 'days (default: 12)')
  .option(
    '--train-days <n>',
    'days of the training period; the test period follows (default: seven of twelve)',
  )
  .option('--events <n>', 'about how many events in all logs together (default: 35 a host and day)')
  .option('--seed <n>', 'seed; the same options give the same bytes', '7')
  .option(
    '--scenario <file>',
    'a scenario file or the name of a built-in one; may be given several times (default: six-tactics)',
    several,
  )
  .option('--compress <how>', 'gz, zst or none', 'gz')
  .option('--list-scenarios', 'say which scenarios are built in, and do nothing else')
  .option('--show-scenario <name>', 'print a built-in scenario as a file, and do nothing else')
  .option('--json', 'one JSON object on standard output')
  .addHelpText('after', example('cordon datasets simulate --orgs 4 --seed 7 --scenario apt --out simulated'))
  .action(async (options: SimulateArguments) =>
    (await import('./verbs/datasets-simulate.ts')).datasetsSimulate(options),
  );

twinCommand(program, example);
alertCommand(program, example);
incidentCommand(program, example);
modelCommand(program, example);
experimentCommand(program, example);

program
  .command('bench')
  .description(
    'measure this machine: ours beside what it is compared with, in one run; without a name, list them',
  )
  .argument('[name]', 'which bench')
  .option('--runs <n>', 'runs that count; default: what the bench needs for a steady median')
  .option('--out <dir>', 'also write NAME.json, NAME.md and the chart NAME.svg to this folder')
  .option('--data <file>', 'ingest and ingest-long: a gzipped LANL log in place of a simulated one')
  .option('--json', 'one JSON object on standard output, nothing else')
  .addHelpText('after', example('cordon bench secure-sum'))
  .action(async (name: string | undefined, options: BenchArguments) =>
    (await import('./verbs/bench.ts')).bench(name, options),
  );

program
  .command('estimate')
  .description("the security estimate of the secure sum's parameters, and how often an honest sum fails")
  .option('--json', 'one JSON object on standard output')
  .addHelpText('after', example('cordon estimate'))
  .action(async (options: JsonOption) => (await import('./verbs/estimate.ts')).estimate(options));

function example(command: string): string {
  return `\nExample:\n  $ ${command}\n\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by policy`;
}

const json = process.argv.includes('--json');
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exitCode = 0;
  else if (error instanceof CommanderError && error.code === 'commander.help') process.exitCode = 2;
  else endWith(error instanceof CommanderError ? usageError(error.message) : error, json);
}
