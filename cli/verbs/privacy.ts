import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkTask } from '../../coordinator/rounds/check-task.ts';
import type { Roster } from '../../crypto/public/roster.ts';
import { checkShape } from '../../models/analytics/count-sketch.ts';
import { PrivacyLedger } from '../../participant/analytics/privacy-ledger.ts';
import { EPOCHS_FILE } from '../../participant/federation/epoch-book.ts';
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
  // A folder without it was never a state folder, and that nothing was released would be said of nobody.
  if ((await stat(join(path, EPOCHS_FILE)).catch(() => null)) === null) {
    throw new CordonError('DATA_NOT_FOUND', {
      expected: `the state folder of a participant at ${path}`,
      got: `a folder without ${EPOCHS_FILE}`,
      next: 'name the folder that is `state` in its configuration',
    });
  }
  const ledger = ledgerPrivacy((await PrivacyLedger.open(path)).all);
  print(options.json === true, ledger, () => ledgerPrivacyText(ledger));
}

/**
 * @param roster of the consortium that would carry the task out, where it is known
 * @throws CordonError USAGE for a task that releases no noised sums, CONFIG_INVALID for one that the roster cannot carry out;
 * ModelError VALUE_OUT_OF_RANGE for a sketch of another shape than can be
 */
export function showTask(task: Task, options: JsonOption, roster: Roster | null = null): void {
  if (roster !== null) checkTask(task, { roster });
  if (task.kind === 'count-sketch') {
    checkShape(task.sketch);
    return print(options.json === true, taskPrivacy(task), () => taskPrivacyText(task));
  }
  throw new CordonError('USAGE', {
    expected: 'a sketch task: only its sums have noise',
    got: `a task of kind ${task.kind}, whose sums are exact`,
    next: 'see docs/threat-model.md for what a training run gives away',
  });
}
