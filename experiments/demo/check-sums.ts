import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToUint32 } from '../../crypto/public/encoding.ts';
import { RoundDiary } from '../../participant/federation/diary.ts';
import type { Workspace } from './workspace.ts';

/**
 * Whether the opened sum of a round is exactly the sum of the vectors that its contributors recorded before they
 * encrypted them. Only who made the demo can do this: it reads every participant's own folder.
 */
export async function sumIsExact(
  workspace: Workspace,
  round: number,
  contributors: readonly string[],
): Promise<boolean> {
  const opened = bytesToUint32(
    await readFile(workspace.path('coordinator', 'state', 'rounds', `${round}.sum`)),
  );
  const expected = new Uint32Array(opened.length);
  for (const member of contributors) {
    const path = RoundDiary.vectorPath(join(workspace.state(member), 'rounds'), round);
    const values = bytesToUint32(await readFile(path));
    if (values.length !== opened.length) return false;
    values.forEach((value, i) => {
      expected[i] = (expected[i] ?? 0) + value;
    });
  }
  return expected.every((value, i) => value === opened[i]);
}
