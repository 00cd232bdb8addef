import { stat } from 'node:fs/promises';
import { PrivacyLedger } from '../../participant/analytics/privacy-ledger.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import type { Task } from '../../protocol/task.ts';
import { type JsonOption, print } from '../output.ts';
import { ledgerPrivacy, ledgerPrivacyText, taskPrivacy, taskPrivacyText } from '../privacy-text.ts';
import { readTask } from '../task-file.ts';

/** What a sketch task would cost, or what a participant's state folder says was given away. */
export async function privacyShow(path: string, options: JsonOption): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw toCordonError(error);
  });
  if (!found.isDirectory()) return showTask(await readTask(path), options);
  const ledger = ledgerPrivacy((await PrivacyLedger.open(path)).all);
  print(options.json === true, ledger, () => ledgerPrivacyText(ledger));
}

/** @throws CordonError USAGE for a task that releases no noised sums */
export function showTask(task: Task, options: JsonOption): void {
  if (task.kind === 'count-sketch') {
    return print(options.json === true, taskPrivacy(task), () => taskPrivacyText(task));
  }
  throw new CordonError('USAGE', {
    expected: 'a sketch task: only its sums have noise',
    got: `a task of kind ${task.kind}, whose sums are exact`,
    next: 'see docs/threat-model.md for what a training run gives away',
  });
}
