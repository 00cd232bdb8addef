import type { Command } from 'commander';
import type { JsonOption } from '../output.ts';
import type { FromOption, ModelExportArguments, ModelImportArguments } from './model.ts';

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
    .command('export')
    .description('write a version for TensorFlow.js or ONNX, or as a model file')
    .argument(...modelArgument)
    .option('--format <name>', 'cordon (one file), tfjs (a folder) or onnx (one file)', 'cordon')
    .requiredOption('-o, --out <path>', 'new file, or for tfjs new folder, to write to')
    .option('--output <what>', 'tfjs and onnx: what comes out, logit or probability', 'logit')
    .option(...fromOption)
    .option(...jsonOption)
    .addHelpText('after', example('cordon model export 0123abcd --from state/ --format onnx -o scorer.onnx'))
    .action(async (reference: string, options: ModelExportArguments) =>
      (await import('./model.ts')).modelExport(reference, options),
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
