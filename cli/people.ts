import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { EPOCHS_FILE } from '../participant/federation/epoch-book.ts';
import type { Teller } from '../participant/labels/label.ts';
import { CordonError, toCordonError } from '../protocol/errors.ts';

/** What verbs take by which a person says something. */
export interface ByOption {
  readonly by?: string;
}

/** @throws CordonError DATA_NOT_FOUND: a misspelt folder would take labels that nobody reads */
export async function needsState(state: string): Promise<void> {
  const found = await stat(state).catch((error: unknown) => {
    throw toCordonError(error);
  });
  if (found.isDirectory()) return;
  throw new CordonError('DATA_NOT_FOUND', {
    expected: `the state folder of a participant at ${state}`,
    got: 'a file',
    next: 'name the folder that is `state` in its configuration',
  });
}

/** Labels may be there before the participant is; but more often the folder is another one than was meant. */
export async function warnStranger(state: string): Promise<void> {
  if ((await stat(join(state, EPOCHS_FILE)).catch(() => null)) !== null) return;
  process.stderr.write(
    `No participant has worked in ${state} yet; labels are read from the folder that is \`state\` in its configuration.\n`,
  );
}

/** Who says something, and that it is now. */
export function teller({ by }: ByOption): Teller {
  return { by: by ?? userName(), at: Date.now() };
}

/** The system may not know who runs this, as in a container. */
function userName(): string {
  try {
    return userInfo().username || 'unknown';
  } catch {
    return 'unknown';
  }
}
