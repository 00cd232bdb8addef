import { join } from 'node:path';
import { makeFolder } from '../../crypto/identity/make-folder.ts';
import { writeWhole } from '../../crypto/identity/durable-file.ts';
import { toBase64Url } from '../../crypto/public/encoding.ts';
import { AnswerStore } from '../../participant/analytics/answer-store.ts';
import { PrivacyLedger, SKETCHES, TASK_KEYS } from '../../participant/analytics/privacy-ledger.ts';
import type { StoredAnswer } from '../../participant/analytics/stored-answer.ts';
import { SIMULATED_KEY } from '../analytics/plain-answers.ts';

/**
 * Puts answers, and the key that names are looked up with, where a participant finds those of a sketch run that is over.
 * The run itself is left out: its sums are exact, which tests of sketch runs show, and take as many rounds as periods.
 * @param state the participant's folder
 */
export async function giveAnswers(state: string, answers: readonly StoredAnswer[]): Promise<void> {
  if (answers.length === 0) return;
  await makeFolder(state);
  await (await PrivacyLedger.open(state)).begin();
  const store = new AnswerStore(join(state, SKETCHES));
  for (const { visibleFrom, ...answer } of answers) await store.put(answer, () => visibleFrom);
  const keys = join(state, TASK_KEYS);
  await makeFolder(keys);
  const { hash } = SIMULATED_KEY;
  const file = { version: 1, epoch: 0, hash, key: toBase64Url(SIMULATED_KEY.reveal()) };
  await writeWhole(join(keys, `${hash}.key.json`), JSON.stringify(file));
}
