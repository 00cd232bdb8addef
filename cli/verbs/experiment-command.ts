import type { Command } from 'commander';
import type { ExperimentCompareArguments, ExperimentRunArguments } from './experiment.ts';

/**
 * Adds `cordon experiment` with its verbs, whose code is loaded only when they are called.
 * @param example the end of a help text
 */
export function experimentCommand(program: Command, example: (command: string) => string): void {
  const several = (value: string, before: readonly string[] | undefined) => [...(before ?? []), value];
  const experiment = program
    .command('experiment')
    .description('methods side by side over many seeds, as a file describes them')
    .addHelpText('after', example('cordon experiment run experiment.yaml'));
  experiment
    .command('run')
    .description('simulate, train and evaluate everything that an experiment file names, into a folder')
    .argument('<file>', 'experiment file (YAML), or a name like smoke or headline; a wrong one lists all')
    .option('--out <dir>', 'new folder to write to (default: the name of the experiment)')
    .option('--seeds <list>', "in place of the file's, for example 1-3,7")
    .option('--resume', 'go on in a folder where some results are there already')
    .option('--json', 'one JSON object on standard output, nothing else')
    .addHelpText('after', example('cordon experiment run experiment.yaml --seeds 1-3 --out results'))
    .action(async (file: string, options: ExperimentRunArguments) =>
      (await import('./experiment.ts')).experimentRun(file, options),
    );
  experiment
    .command('compare')
    .description('what the figures in one folder differ by from those in another, seed by seed')
    .argument('<a>', 'folder that an experiment wrote')
    .argument('<b>', 'another one')
    .option('--methods <a:b>', 'a method of the first and one of the second; may be repeated', several)
    .option('--json', 'one JSON object on standard output')
    .addHelpText('after', example('cordon experiment compare results/before results/after'))
    .action(async (a: string, b: string, options: ExperimentCompareArguments) =>
      (await import('./experiment.ts')).experimentCompare(a, b, options),
    );
}
