import { join } from 'node:path';
import type { TaskKey } from '../../crypto/secret/task-key.ts';
import { AnswerBook } from './answer-book.ts';
import { AnswerStore } from './answer-store.ts';
import { SKETCHES, TASK_KEYS } from './privacy-ledger.ts';
import { storedTaskKey } from './task-keys.ts';

/**
 * What the answers in a participant's state folder say of others, for whoever only reads; empty where there are none.
 * @throws CordonError ENCODING_INVALID for a file that is damaged
 */
export async function storedBook(state: string): Promise<{ book: AnswerBook; answers: number }> {
  const answers = await new AnswerStore(join(state, SKETCHES)).all();
  const keys = new Map<string, TaskKey | null>();
  for (const { keyHash } of answers) {
    if (!keys.has(keyHash)) keys.set(keyHash, await storedTaskKey(join(state, TASK_KEYS), keyHash));
  }
  const read = answers.filter(({ keyHash }) => keys.get(keyHash) !== null);
  return { book: new AnswerBook((hash) => keys.get(hash) ?? null, read), answers: read.length };
}
