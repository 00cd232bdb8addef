import type { Command } from 'commander';
import type { TwinExportArguments, TwinShowArguments } from './twin.ts';

/**
 * Adds `cordon twin` with its verbs, whose code is loaded only when they are called.
 * @param example the end of a help text
 */
export function twinCommand(program: Command, example: (command: string) => string): void {
  const twin = program
    .command('twin')
    .description('hosts, accounts and who authenticated where, as logs tell them')
    .addHelpText('after', example('cordon twin show logs/'));
  const twinSource =
    'snapshot of a twin, state folder of a participant that follows its logs, or logs to make one from';
  const zoneOption = [
    '--time-zone <zone>',
    'whose wall clock times without a zone are read by (default: UTC)',
  ] as const;
  twin
    .command('show')
    .description(
      'counts, roles with their reasons, the busiest and the newest; or all about one host or account',
    )
    .argument('<path>', twinSource)
    .option('--host <name>', 'one host with those it deals with')
    .option('--account <name>', 'one account (account@domain) with the hosts where it was used')
    .option(...zoneOption)
    .option('--json', 'one JSON object on standard output')
    .addHelpText('after', example('cordon twin show logs/ --host dc01.corp.example'))
    .action(async (path: string, options: TwinShowArguments) =>
      (await import('./twin.ts')).twinShow(path, options),
    );
  twin
    .command('export')
    .description('write nodes and edges with their times and roles as one file')
    .argument('<path>', twinSource)
    .requiredOption('--out <file>', 'new file to write to')
    .option('--format <name>', 'json, graphml, or snapshot to show again later', 'json')
    .option(...zoneOption)
    .option('--json', 'one JSON object on standard output')
    .addHelpText('after', example('cordon twin export state/ --format graphml --out twin.graphml'))
    .action(async (path: string, options: TwinExportArguments) =>
      (await import('./twin.ts')).twinExport(path, options),
    );
}
