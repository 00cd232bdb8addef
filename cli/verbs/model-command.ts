import type { Command } from 'commander';
import type { JsonOption } from '../output.ts';
import type { ModelScoreArguments } from './model-score.ts';
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
    .command('import-tfjs')
    .description('print what a training task says of a TensorFlow.js model of Dense layers')
    .argument('<file>', 'model.json, or the topology alone')
    .option(...jsonOption)
    .addHelpText('after', example('cordon model import-tfjs model.json'))
    .action(async (file: string, options: JsonOption) =>
      (await import('./model.ts')).modelImportTfjs(file, options),
    );
  model
    .command('score')
    .description('score logs of your own, and show the highest alerts with their reasons')
    .argument('<path>', 'file or folder, in any format that cordon datasets inspect reads')
    .requiredOption('--model <model>', modelArgument[1])
    .option('--out <file>', 'new file for all scores, a line an event')
    .option('--format <name>', 'csv or jsonl (default: by the name of the file, else csv)')
    .option('--train-until <time>', 'what happened before is history and gets no score')
    .option('--alerts <n>', 'alerts that are told, and numbered in the file', '20')
    .option(
      '--labels <file>',
      'what is known to be malicious (LANL red-team form, or any detections): says how good it is',
    )
    .option('--time-zone <zone>', 'whose wall clock times without a zone are read by (default: UTC)')
    .option('--max-rejects <percent>', 'largest share of bad lines in a file (default: 20)')
    .option(
      '--from <folder>',
      "where ids are looked up; of a participant's state folder also what other members have seen",
      '.',
    )
    .option(...jsonOption)
    .addHelpText('after', example('cordon model score auth.txt.gz --model scorer.cordon --out scores.csv'))
    .action(async (path: string, options: ModelScoreArguments) =>
      (await import('./model-score.ts')).modelScore(path, options),
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
