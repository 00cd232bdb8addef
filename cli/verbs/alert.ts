import { readStatus } from '../../participant/alerts/alert-status.ts';
import { type ListedAlert, listAlerts } from '../../participant/alerts/list-alerts.ts';
import { makeSuppression } from '../../participant/alerts/suppression.ts';
import {
  addSuppression,
  liftSuppression,
  suppressionsOf,
} from '../../participant/alerts/suppression-book.ts';
import { alertScope } from '../../participant/labels/from-alert.ts';
import { addLabels } from '../../participant/labels/label-book.ts';
import { makeLabel } from '../../participant/labels/label.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { CordonError } from '../../protocol/errors.ts';
import { alertText, alertsText, statusText, suppressionsText } from '../alert-text.ts';
import { terminalColumns } from '../fit.ts';
import { labelText } from '../incident-text.ts';
import { type JsonOption, print } from '../output.ts';
import { type ByOption, needsState, teller, warnStranger } from '../people.ts';
import { usageError, wholeNumber } from '../usage.ts';

export interface AlertListArguments extends JsonOption {
  readonly all?: true;
  readonly state?: string;
}

export interface AlertAckArguments extends JsonOption, ByOption {
  readonly tactic?: string;
  readonly technique?: string;
  readonly campaign?: string;
  readonly note?: string;
}

export interface SuppressArguments extends JsonOption, ByOption {
  readonly source?: string;
  readonly account?: string;
  readonly destination?: string;
  readonly days: string;
  readonly comment?: string;
}

export type UnsuppressArguments = JsonOption & ByOption;

/** Alerts that a list shows where not all are asked for. */
const SHOWN = 50;
const STATES: readonly string[] = ['new', 'attack', 'benign', 'suppressed'];
/** Ten years. */
const MOST_DAYS = 3650;

/** Lists alerts, the newest first. */
export async function alertList(state: string, options: AlertListArguments): Promise<void> {
  await needsState(state);
  if (options.state !== undefined && !STATES.includes(options.state))
    throw usageError(`--state ${options.state}, which is none of ${STATES.join(', ')}`);
  const all = (await listAlerts(state)).filter(
    (alert) => options.state === undefined || alert.state === options.state,
  );
  const alerts = options.all ? all : all.slice(0, SHOWN);
  const status = await readStatus(state);
  print(options.json === true, { alerts, total: all.length, status }, () =>
    [statusText(status), alertsText(alerts, all.length, terminalColumns(process.stdout))].join('\n\n'),
  );
}

/** Shows one alert. */
export async function alertShow(state: string, reference: string, options: JsonOption): Promise<void> {
  await needsState(state);
  const alert = await find(state, reference);
  print(options.json === true, { alert }, () => alertText(alert));
}

/** An alert was an attack, or was none: a label says so, which teaches the model. */
export async function alertJudge(
  state: string,
  reference: string,
  verdict: 'malicious' | 'benign',
  options: AlertAckArguments,
): Promise<void> {
  await needsState(state);
  const scope = await alertScope(state, reference);
  const { tactic, note } = options;
  const said = [...(tactic === undefined ? [] : [`tactic ${tactic}`]), ...(note === undefined ? [] : [note])];
  const label = makeLabel(
    {
      ...scope,
      destination: null,
      uid: null,
      campaign: options.campaign ?? (verdict === 'benign' ? 'benign' : `alert ${reference}`),
      technique: options.technique ?? null,
      note: said.length === 0 ? null : said.join('; '),
      verdict,
    },
    teller(options),
  );
  const { added } = await addLabels(state, [label], true);
  const isNew = added.length > 0;
  print(options.json === true, { label, added: isNew }, () =>
    isNew ? labelText(label) : `${label.id} says so already`,
  );
  await warnStranger(state);
}

/** Alerts of these names are not raised any more, until an end. */
export async function alertSuppress(
  state: string,
  reference: string | undefined,
  options: SuppressArguments,
): Promise<void> {
  await needsState(state);
  const scope = reference === undefined ? null : await alertScope(state, reference);
  const said = teller(options);
  const { source, account, destination, comment } = options;
  const isNamed = (source ?? account ?? destination) !== undefined;
  if (!isNamed && scope === null)
    throw usageError('neither an alert nor --source, --account or --destination: what is to be suppressed');
  if (comment === undefined) throw usageError('no --comment: why, for those who wonder later');
  const days = wholeNumber(options.days, '--days', 1, MOST_DAYS);
  const names = isNamed
    ? { source: source ?? null, account: account ?? null, destination: destination ?? null }
    : { source: scope?.source ?? null, account: scope?.account ?? null, destination: null };
  // The clock of a recording begins at 0: what ends long after it would not end at all.
  const from = scope?.to ?? 0;
  const until = Math.max(from, isRecording(scope?.to) ? from : said.at) + days * DAY_MS;
  const rule = makeSuppression({ ...names, until, comment }, said);
  const added = await addSuppression(state, rule);
  print(options.json === true, { suppression: rule, added }, () =>
    added ? suppressionsText([{ ...rule, withheld: 0, last: null }], said.at) : `${rule.id} is there already`,
  );
  await warnStranger(state);
}

/** Lifts a rule before its end. */
export async function alertUnsuppress(
  state: string,
  id: string,
  options: UnsuppressArguments,
): Promise<void> {
  await needsState(state);
  const lifted = await liftSuppression(state, id, teller(options));
  print(options.json === true, { lifted }, () => `${lifted.id} is lifted`);
}

/** Shows the rules. */
export async function alertSuppressions(state: string, options: JsonOption): Promise<void> {
  await needsState(state);
  const withheld = (await readStatus(state))?.withheld ?? {};
  const suppressions = [...(await suppressionsOf(state)).values()].map((rule) => ({
    ...rule,
    withheld: withheld[rule.id]?.events ?? 0,
    last: withheld[rule.id]?.last ?? null,
  }));
  print(options.json === true, { suppressions }, () =>
    suppressionsText(suppressions, Date.now(), terminalColumns(process.stdout)),
  );
}

async function find(state: string, reference: string): Promise<ListedAlert> {
  const alerts = await listAlerts(state);
  const found = alerts.find((one) => one.reference === reference || one.alert?.id === reference);
  if (found !== undefined) return found;
  throw new CordonError('NOT_FOUND', {
    expected: `one of the ${alerts.length} alerts in ${state}, by its number or id, or as RUN:NUMBER`,
    got: reference,
    next: 'cordon alert ls shows them',
  });
}

/** No recording lasts ten years: a time before that is counted from its start. */
function isRecording(time: number | null | undefined): boolean {
  return typeof time === 'number' && time < MOST_DAYS * DAY_MS;
}
