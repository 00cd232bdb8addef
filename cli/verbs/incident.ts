import { basename } from 'node:path';
import { alertScope } from '../../participant/labels/from-alert.ts';
import { addLabels, labelsOf, removeLabel } from '../../participant/labels/label-book.ts';
import { type Statement, makeLabel } from '../../participant/labels/label.ts';
import { readImport } from '../../participant/labels/read-import.ts';
import { terminalColumns } from '../fit.ts';
import { importText, labelText, labelsText } from '../incident-text.ts';
import { momentOf } from '../moment.ts';
import { type JsonOption, print } from '../output.ts';
import { type ByOption, needsState, teller, warnStranger } from '../people.ts';
import { Progress } from '../progress.ts';
import { usageError } from '../usage.ts';

export type IncidentRemoveArguments = JsonOption & ByOption;

export interface IncidentAddArguments extends IncidentRemoveArguments {
  readonly alert?: string;
  readonly from?: string;
  readonly to?: string;
  readonly timeZone?: string;
  readonly account?: string;
  readonly source?: string;
  readonly destination?: string;
  readonly campaign?: string;
  readonly technique?: string;
  readonly note?: string;
  readonly benign?: true;
}

export interface IncidentImportArguments extends IncidentRemoveArguments {
  readonly campaign?: string;
}

/** Adds one label, of what is named or of an alert; what is named besides an alert takes the place of the alert's. */
export async function incidentAdd(state: string, options: IncidentAddArguments): Promise<void> {
  await needsState(state);
  const label = makeLabel(await statementOf(state, options), teller(options));
  const { added } = await addLabels(state, [label], true);
  const isNew = added.length > 0;
  print(options.json === true, { label, added: isNew }, () =>
    isNew ? labelText(label) : `${label.id} says so already`,
  );
  await warnStranger(state);
}

/** Adds the labels of a file; again changes nothing. */
export async function incidentImport(
  state: string,
  file: string,
  options: IncidentImportArguments,
): Promise<void> {
  await needsState(state);
  const progress = new Progress();
  progress.say(`Reading ${basename(file)}`);
  const campaign = options.campaign ?? 'incident';
  const found = await readImport(file, campaign, teller(options)).finally(() => progress.end());
  const { added, known, removed } = await addLabels(state, found.labels, false);
  const { rejects, firstReject, ignored, repeated } = found;
  const result = {
    added: added.length,
    known: known + repeated,
    removed,
    rejects,
    firstReject,
    ignored,
  };
  print(options.json === true, result, () => importText(result));
  await warnStranger(state);
}

/** Shows the labels that count. */
export async function incidentList(state: string, options: JsonOption): Promise<void> {
  await needsState(state);
  const labels = [...(await labelsOf(state)).active.values()];
  print(options.json === true, { labels }, () => labelsText(labels, terminalColumns(process.stdout)));
}

/** Takes one label back. */
export async function incidentRemove(
  state: string,
  id: string,
  options: IncidentRemoveArguments,
): Promise<void> {
  await needsState(state);
  const removed = await removeLabel(state, id, teller(options));
  print(options.json === true, { removed }, () => `${removed.id} is removed`);
}

async function statementOf(state: string, options: IncidentAddArguments): Promise<Statement> {
  const { alert, timeZone = 'UTC', benign } = options;
  const scope = alert === undefined ? null : await alertScope(state, alert);
  const moment = (name: 'from' | 'to'): number | null => {
    const text = options[name];
    if (text !== undefined) return momentOf(text, timeZone, `--${name}`);
    if (scope === null) throw usageError(`no --${name}, nor --alert`);
    return scope[name];
  };
  const campaign = options.campaign ?? (benign ? 'benign' : alert && `alert ${alert}`);
  if (campaign === undefined) throw usageError('no --campaign: which attack it belongs to');
  const said: Statement = {
    from: moment('from'),
    to: moment('to'),
    account: options.account ?? scope?.account ?? null,
    source: options.source ?? scope?.source ?? null,
    destination: options.destination ?? null,
    uid: null,
    campaign,
    technique: options.technique ?? null,
    note: options.note ?? null,
    verdict: benign ? 'benign' : 'malicious',
  };
  if (said.account ?? said.source ?? said.destination) return said;
  throw usageError('none of --account, --source and --destination: which events are meant');
}
