import type { Command } from 'commander';
import type { JsonOption } from '../output.ts';
import type { IncidentAddArguments, IncidentImportArguments, IncidentRemoveArguments } from './incident.ts';

/**
 * Adds `cordon incident` with its verbs, whose code is loaded only when they are called.
 * @param example the end of a help text
 */
export function incidentCommand(program: Command, example: (command: string) => string): void {
  const incident = program
    .command('incident')
    .description(
      "what this organisation's people know to be malicious or benign; it stays here and teaches the model",
    )
    .addHelpText('after', example('cordon incident ls state/'));
  const stateArgument = ['<state>', "the participant's state folder"] as const;
  const byOption = ['--by <name>', 'who says so (default: the user of the system)'] as const;
  incident
    .command('add')
    .description('label the events of an interval that have every name given, or those of an alert')
    .argument(...stateArgument)
    .option(
      '--alert <run:number>',
      'take source, account and day of this alert, where no option says otherwise',
    )
    .option(
      '--from <time>',
      'first moment: a date and time, "day 3 08:15:00" of a recording, or milliseconds',
    )
    .option('--to <time>', 'first moment that does not belong to it any more')
    .option('--time-zone <zone>', 'whose wall clock --from and --to are read by (default: UTC)')
    .option('--account <name>', 'source or destination account (account@domain); any where left out')
    .option('--source <host>', 'source host; any where left out')
    .option('--destination <host>', 'destination host; any where left out')
    .option('--campaign <name>', 'which attack it belongs to')
    .option('--technique <id>', 'ATT&CK technique, for example T1021.002')
    .option('--note <text>', 'a line for those who read it later')
    .option('--benign', 'a false alarm: what it means is taken for no incident, whatever else says so')
    .option(...byOption)
    .option('--json', 'one JSON object on standard output')
    .addHelpText(
      'after',
      example(
        "cordon incident add state/ --from '2026-01-31 08:00' --to '2026-01-31 09:30' --account ann@corp \\\n" +
          '      --source ws17.corp.example --campaign phish-2026-01 --technique T1021.002',
      ),
    )
    .action(async (state: string, options: IncidentAddArguments) =>
      (await import('./incident.ts')).incidentAdd(state, options),
    );
  incident
    .command('import')
    .description(
      'add the labels of a label file, a red-team list (LANL, OpTC) or findings in another known format',
    )
    .argument(...stateArgument)
    .argument('<file>', 'file to read')
    .option('--campaign <name>', 'which attack its detections belong to (default: incident)')
    .option(...byOption)
    .option('--json', 'one JSON object on standard output')
    .addHelpText('after', example('cordon incident import state/ redteam.txt --campaign exercise-1'))
    .action(async (state: string, file: string, options: IncidentImportArguments) =>
      (await import('./incident.ts')).incidentImport(state, file, options),
    );
  incident
    .command('ls')
    .description('show the labels')
    .argument(...stateArgument)
    .option('--json', 'one JSON object on standard output')
    .addHelpText('after', example('cordon incident ls state/'))
    .action(async (state: string, options: JsonOption) =>
      (await import('./incident.ts')).incidentList(state, options),
    );
  incident
    .command('remove')
    .description('take a label back; that it was there stays in the file')
    .argument(...stateArgument)
    .argument('<id>', 'label, as cordon incident ls shows it')
    .option(...byOption)
    .option('--json', 'one JSON object on standard output')
    .addHelpText('after', example('cordon incident remove state/ label-0123456789abcdef'))
    .action(async (state: string, id: string, options: IncidentRemoveArguments) =>
      (await import('./incident.ts')).incidentRemove(state, id, options),
    );
}
