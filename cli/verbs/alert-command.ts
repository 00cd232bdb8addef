import type { Command } from 'commander';
import type { JsonOption } from '../output.ts';
import type {
  AlertAckArguments,
  AlertListArguments,
  SuppressArguments,
  UnsuppressArguments,
} from './alert.ts';

/**
 * Adds `cordon alert` with its verbs, whose code is loaded only when they are called.
 * @param example the end of a help text
 */
export function alertCommand(program: Command, example: (command: string) => string): void {
  const alert = program
    .command('alert')
    .description('what a participant has found unusual: list, look into, confirm, dismiss, suppress')
    .addHelpText('after', example('cordon alert ls state/'));
  const stateArgument = ['<state>', "the participant's state folder"] as const;
  const alertArgument = ['<alert>', 'number or id of an alert in live use, or RUN:NUMBER'] as const;
  const byOption = ['--by <name>', 'who says so (default: the user of the system)'] as const;
  const jsonOption = ['--json', 'one JSON object on standard output'] as const;
  alert
    .command('ls')
    .description('list alerts, those in live use and those of finished runs, the newest first')
    .argument(...stateArgument)
    .option('--state <state>', 'only those that are new, attack, benign or suppressed')
    .option('--all', 'all of them, not only the newest 50')
    .option(...jsonOption)
    .addHelpText('after', example('cordon alert ls state/ --state new'))
    .action(async (state: string, options: AlertListArguments) =>
      (await import('./alert.ts')).alertList(state, options),
    );
  alert
    .command('show')
    .description('show one alert: why, against what history, and how its source host was come to')
    .argument(...stateArgument)
    .argument(...alertArgument)
    .option(...jsonOption)
    .addHelpText('after', example('cordon alert show state/ 17'))
    .action(async (state: string, reference: string, options: JsonOption) =>
      (await import('./alert.ts')).alertShow(state, reference, options),
    );
  alert
    .command('ack')
    .description('say that an alert was an attack: a label of its source host, account and day')
    .argument(...stateArgument)
    .argument(...alertArgument)
    .option('--tactic <name>', 'for example lateral-movement; it stands in the note of the label')
    .option('--technique <id>', 'ATT&CK technique, for example T1021.002')
    .option('--campaign <name>', 'which attack it belongs to (default: the alert alone)')
    .option('--note <text>', 'a line for those who read it later')
    .option(...byOption)
    .option(...jsonOption)
    .addHelpText(
      'after',
      example('cordon alert ack state/ 17 --tactic lateral-movement --technique T1021.002'),
    )
    .action(async (state: string, reference: string, options: AlertAckArguments) =>
      (await import('./alert.ts')).alertJudge(state, reference, 'malicious', options),
    );
  alert
    .command('dismiss')
    .description('say that an alert was a false alarm: a benign label of its source host, account and day')
    .argument(...stateArgument)
    .argument(...alertArgument)
    .option('--note <text>', 'a line for those who read it later')
    .option(...byOption)
    .option(...jsonOption)
    .addHelpText('after', example("cordon alert dismiss state/ 17 --note 'new backup server'"))
    .action(async (state: string, reference: string, options: AlertAckArguments) =>
      (await import('./alert.ts')).alertJudge(state, reference, 'benign', options),
    );
  alert
    .command('suppress')
    .description('raise no more alerts of a source host, an account or a destination, for some days')
    .argument(...stateArgument)
    .argument('[alert]', 'take source host and account of this alert, where no name is given')
    .option('--source <host>', 'source host; any where left out')
    .option('--account <name>', 'source or destination account (account@domain); any where left out')
    .option('--destination <host>', 'destination host; any where left out')
    .option('--days <n>', 'for how long, from now on', '30')
    .option('--comment <text>', 'why, for those who wonder later')
    .option(...byOption)
    .option(...jsonOption)
    .addHelpText(
      'after',
      example(
        "cordon alert suppress state/ --source scan01.corp.example --days 14 --comment 'weekly scan, ticket 4711'",
      ),
    )
    .action(async (state: string, reference: string | undefined, options: SuppressArguments) =>
      (await import('./alert.ts')).alertSuppress(state, reference, options),
    );
  alert
    .command('unsuppress')
    .description('lift a suppression before its end')
    .argument(...stateArgument)
    .argument('<id>', 'suppression, as cordon alert suppressions shows it')
    .option(...byOption)
    .option(...jsonOption)
    .addHelpText('after', example('cordon alert unsuppress state/ suppression-0123456789abcdef'))
    .action(async (state: string, id: string, options: UnsuppressArguments) =>
      (await import('./alert.ts')).alertUnsuppress(state, id, options),
    );
  alert
    .command('suppressions')
    .description('show the suppressions')
    .argument(...stateArgument)
    .option(...jsonOption)
    .addHelpText('after', example('cordon alert suppressions state/'))
    .action(async (state: string, options: JsonOption) =>
      (await import('./alert.ts')).alertSuppressions(state, options),
    );
}
