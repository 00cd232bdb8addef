import type { AlertStatus } from '../participant/alerts/alert-status.ts';
import type { AlertState, ListedAlert } from '../participant/alerts/list-alerts.ts';
import type { Suppression } from '../participant/alerts/suppression.ts';
import { plainText } from '../protocol/messages/text.ts';
import { when } from './moment.ts';
import { table } from './table.ts';

/** Longest name in a table; names come from logs. */
const LONGEST = 48;

const STATES: Readonly<Record<AlertState, string>> = {
  new: 'new',
  attack: 'attack',
  benign: 'benign',
  suppressed: 'suppressed',
};

const shown = (text: string): string => (text === '' ? '-' : plainText(text, LONGEST));
const number = (value: number | null): string => (value === null ? '-' : value.toFixed(1));

/** Alerts as a table. @param columns of the terminal, to which it is cut */
export function alertsText(alerts: readonly ListedAlert[], total: number, columns = Infinity): string {
  if (total === 0) return 'no alerts yet';
  if (alerts.length === 0) return `none of ${total} alerts`;
  const rows = alerts.map(({ reference, state, time, srcHost, dstHosts, destinations, ...alert }) => [
    reference,
    STATES[state],
    when(time),
    shown(srcHost),
    shown(dstHosts[0] ?? '') + (destinations > 1 ? ` +${destinations - 1}` : ''),
    shown(alert.account),
    number(alert.score),
    alert.events === null ? '-' : String(alert.events),
    alert.reasons[0] === undefined ? '-' : plainText(alert.reasons[0]),
  ]);
  const head = ['alert', 'state', 'time', 'source', 'destination', 'account', 'score', 'events', 'why'];
  const more = total > alerts.length ? [`${alerts.length} of ${total} alerts; --all shows all`] : [];
  return [table(head, rows, columns), ...more].join('\n');
}

/** One alert with everything that is known of it. */
export function alertText(listed: ListedAlert): string {
  const { reference, state, by, time, srcHost, dstHosts, destinations, account, score, alert } = listed;
  const others = destinations > dstHosts.length ? `, and ${destinations - dstHosts.length} more` : '';
  const why =
    alert === null
      ? listed.reasons.map((words) => `  ${plainText(words)}`)
      : alert.reasons.map(({ words, against }) =>
          against === null ? `  ${plainText(words)}` : `  ${plainText(words)}: ${plainText(against)}`,
        );
  const path = (alert?.path ?? []).map(
    (hop) =>
      `  ${when(hop.time)}  ${shown(hop.account)} from ${shown(hop.from)} to ${shown(hop.to)}${hop.fresh ? ', a new way' : ''}`,
  );
  return [
    `alert ${reference}: ${STATES[state]}${by === null || by === '' ? '' : ` (${by})`}`,
    `  ${when(time)}  ${shown(account)} from ${shown(srcHost)} to ${dstHosts.map(shown).join(', ')}${others}`,
    ...(alert === null ? [] : [rangeText(alert)]),
    `  score ${number(score)}${alert === null ? '' : `, threshold ${number(alert.threshold)}, model ${plainText(alert.model.from)}`}`,
    ...(why.length > 0 ? ['why', ...why] : []),
    ...(path.length > 0 ? ['how the source host was come to', ...path] : []),
  ].join('\n');
}

function rangeText({ raised, updated, events, version, id }: NonNullable<ListedAlert['alert']>): string {
  return `  ${id}, raised ${when(raised)}, last ${when(updated)}, ${events} events above the threshold, version ${version}`;
}

/** How alerts stood at the last checkpoint. */
export function statusText(status: AlertStatus | null): string {
  if (status === null) return 'no participant that follows its logs has said here how alerts stand';
  const { at, raising, model, threshold, perDay, days } = status;
  const since = `as of ${when(at)}`;
  if (model === null) return `nothing is scored yet: there is no model (${since})`;
  const scored = `scored by ${plainText(model.from)} on ${plainText(model.features)}`;
  if (!raising) return `${scored}; nothing is raised yet (${since})`;
  return `${scored}, raised above ${number(threshold)}, chosen for ${perDay} a day from ${days} days (${since})`;
}

/** A rule, and how often it has kept an event from raising an alert. */
export interface CountedSuppression extends Suppression {
  readonly withheld: number;
  readonly last: number | null;
}

/** The rules as a table. */
export function suppressionsText(
  rules: readonly CountedSuppression[],
  now: number,
  columns = Infinity,
): string {
  if (rules.length === 0) return 'no suppressions';
  const any = (text: string | null): string => (text === null ? 'any' : shown(text));
  return table(
    ['suppression', 'until', 'source', 'account', 'destination', 'withheld', 'last', 'by', 'comment'],
    rules.map(({ id, until, source, account, destination, withheld, last, by, comment }) => [
      id,
      until <= now ? `over since ${when(until)}` : when(until),
      any(source),
      any(account),
      any(destination),
      String(withheld),
      last === null ? '-' : when(last),
      shown(by),
      plainText(comment, LONGEST),
    ]),
    columns,
  );
}
