import { FEDERATION } from '../../participant/features/edge-v2.ts';
import type { SignalRow } from './signal.ts';

/** A setting a line: figures alone and federated, and what noise costs. */
export function signalText(rows: readonly SignalRow[]): string {
  const cell = (value: number | null): string => (value === null ? '-' : value.toFixed(3)).padStart(8);
  const three = ({ ap, auc, memberRecall }: SignalRow['alone']): string =>
    cell(ap) + cell(auc) + cell(memberRecall);
  const head = `${''.padEnd(30)}${'alone:'.padStart(8)}${''.padEnd(16)}${'federated:'.padStart(12)}`;
  const names = ['AP', 'AUC', 'recall'].map((name) => name.padStart(8)).join('');
  return [
    head,
    `${''.padEnd(30)}${names}    ${names}    epsilon a period, a year`,
    ...rows.map(({ name, alone, federated, epsilon: { period, year } }) => {
      const cost = period === null ? '' : `    ${period.toFixed(2)}, ${year?.toFixed(0)}`;
      return `${name.padEnd(30)}${three(alone)}    ${three(federated)}${cost}`;
    }),
  ].join('\n');
}

/** AUC of each column by itself, a setting a column. */
export function columnsText(rows: readonly SignalRow[]): string {
  const settings = rows.filter(({ columns }) => columns.length > 0);
  return [
    `AUC of each column by itself: ${settings.map(({ name }) => name).join('; ')}`,
    ...FEDERATION.map(({ name }, i) => {
      const cells = settings.map(({ columns }) => (columns[i]?.auc?.toFixed(3) ?? '-').padStart(8));
      return `${name.padEnd(30)}${cells.join('')}`;
    }),
  ].join('\n');
}
