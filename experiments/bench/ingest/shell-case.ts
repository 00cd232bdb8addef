import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ChildCase } from '../measure.ts';

/**
 * A shell command, by the processor time of all that it starts: what `times` of the shell says (POSIX, in hundredths of a
 * second), because Node tells nothing of its children.
 * @param script uses $1 for the file; its output must be `lines` alone
 */
export function shellCase(
  name: string,
  note: string,
  script: string,
  file: string,
  lines: number,
  signal: AbortSignal,
): ChildCase {
  return {
    name,
    note,
    per: lines,
    elsewhere: async () => {
      const { stdout } = await promisify(execFile)('sh', ['-c', `${script}; times`, 'sh', file], { signal });
      const [counted = '', , children = ''] = stdout.trim().split('\n');
      if (Number(counted) !== lines) throw new Error(`${name}: ${counted} lines instead of ${lines}`);
      return millisecondsOf(children);
    },
  };
}

/** For example `0m0.12s 0m0.03s`: user and system. */
export function millisecondsOf(text: string): number {
  const parts = [...text.matchAll(/(\d+)m(\d+[.,]\d+)s/g)];
  if (parts.length !== 2) throw new Error(`no times in ${JSON.stringify(text)}`);
  return parts.reduce(
    (sum, [, minutes, seconds = '']) =>
      sum + Number(minutes) * 60_000 + Number(seconds.replace(',', '.')) * 1000,
    0,
  );
}
