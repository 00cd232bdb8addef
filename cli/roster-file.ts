import { readFile } from 'node:fs/promises';
import { type Roster, checkRoster } from '../crypto/public/roster.ts';
import { CordonError, toCordonError } from '../protocol/errors.ts';

/** @throws CordonError DATA_NOT_FOUND, ROSTER_INVALID */
export async function loadRoster(path: string): Promise<Roster> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw toCordonError(error);
  });
  let roster: Roster;
  try {
    roster = JSON.parse(text) as Roster;
  } catch (cause) {
    throw new CordonError(
      'ROSTER_INVALID',
      {
        expected: `a roster in JSON at ${path}`,
        got: 'text that is not JSON',
        next: 'get the roster from the consortium',
      },
      { cause },
    );
  }
  checkRoster(roster);
  return roster;
}
