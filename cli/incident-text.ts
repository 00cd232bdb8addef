import type { Label } from '../participant/labels/label.ts';
import { plainText } from '../protocol/messages/text.ts';
import { when } from './moment.ts';
import { table } from './table.ts';

/** Longest name in a table; names may come from logs. */
const LONGEST = 48;

const shown = (text: string | null): string => (text === null ? 'any' : plainText(text, LONGEST));
const time = (moment: number | null): string => (moment === null ? 'any' : when(moment));

/** One label with everything that it says. */
export function labelText({ id, ...label }: Label): string {
  const { verdict, campaign, technique, uid, note } = label;
  const events =
    uid === null
      ? `${time(label.from)} to ${time(label.to)}, account ${shown(label.account)}, ${shown(label.source)} -> ${shown(label.destination)}`
      : `the event ${shown(uid)}`;
  return [
    `${id}: ${verdict}, campaign ${shown(campaign)}${technique === null ? '' : `, ${technique}`}`,
    `  ${events}`,
    ...(note === null ? [] : [`  ${plainText(note)}`]),
    '  It counts from the next start of the participant on; where logs are followed, at once.',
  ].join('\n');
}

/** All labels as a table. @param columns of the terminal, to which it is cut */
export function labelsText(labels: readonly Label[], columns = Infinity): string {
  if (labels.length === 0) return 'no labels yet';
  return table(
    ['label', 'verdict', 'from', 'to', 'account', 'source', 'destination', 'campaign', 'technique', 'by'],
    labels.map((label) => [
      label.id,
      label.verdict,
      time(label.from),
      time(label.to),
      label.uid === null ? shown(label.account) : `event ${shown(label.uid)}`,
      shown(label.source),
      shown(label.destination),
      shown(label.campaign),
      label.technique ?? '-',
      shown(label.by),
    ]),
    columns,
  );
}

/** What an import came to. */
export interface ImportResult {
  readonly added: number;
  /** Said before, word for word. */
  readonly known: number;
  /** Said before and removed since. */
  readonly removed: number;
  readonly rejects: number;
  readonly firstReject: string | null;
  /** Events that are no detections. */
  readonly ignored: number;
}

/** The same in words; only what is not nought. */
export function importText({ added, known, removed, rejects, firstReject, ignored }: ImportResult): string {
  const lines: [number, string][] = [
    [known, 'there already'],
    [removed, 'removed before, and left out'],
    [rejects, `could not be taken (the first: ${plainText(firstReject ?? '')})`],
    [ignored, 'events of other kinds, left out'],
  ];
  return [
    `${added} labels added`,
    ...lines.flatMap(([count, words]) => (count > 0 ? `${count} ${words}` : [])),
  ].join('\n');
}
