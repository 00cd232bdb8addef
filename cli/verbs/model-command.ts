import type { Command } from 'commander';
import type { JsonOption } from '../output.ts';
import type { FromOption, ModelImportArguments } from './model.ts';

/**
 * Adds `cordon model` with its verbs, whose code is loaded only when they are called.
 * @param example the end of a help text
 */
export function modelCommand(program: Command, example: (command: string) => string): void {
  const model = program
    .command('model')
    .description('versions of trained models: where they come from, and what they say of your own logs')
    .addHelpText('after', example('cordon model ls state/'));
  const modelArgument = ['<model>', 'model file, or the id of a version (its beginning is enough)'] as const;
  const fromOption = ['--from <folder>', 'where ids are looked up, as in cordon model ls', '.'] as const;
  const jsonOption = ['--json', 'one JSON object on standard output'] as const;
  model
    .command('ls')
    .description(
      "show the versions in a participant's state folder, in an experiment's results, or in a folder",
    )
    .argument('<folder>', 'folder to look in')
    .option(...jsonOption)
    .addHelpText('after', example('cordon model ls state/'))
    .action(async (folder: string, options: JsonOption) =>
      (await import('./model.ts')).modelList(folder, options),
    );
  model
    .command('show')
    .description('show the lineage of one version: task, rounds, contributors, place in the log')
    .argument(...modelArgument)
    .option(...fromOption)
    .option(...jsonOption)
    .addHelpText('after', example('cordon model show model-0123456789abcdef --from state/'))
    .action(async (reference: string, options: FromOption) =>
      (await import('./model.ts')).modelShow(reference, options),
    );
  model
    .command('import')
    .description('verify a model file and keep it among the versions of a participant')
    .argument('<file>', 'model file of another member or of an experiment')
    .requiredOption('--into <state>', "the participant's state folder")
    .option(...jsonOption)
    .addHelpText('after', example('cordon model import federated.cordon --into state/'))
    .action(async (file: string, options: ModelImportArguments) =>
      (await import('./model.ts')).modelImport(file, options),
    );
}
