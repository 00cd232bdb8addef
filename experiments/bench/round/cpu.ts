import { readFile } from 'node:fs/promises';

/** Ticks a second of `/proc`, the same on every Linux that Node runs on (USER_HZ). */
const TICKS = 100;

/**
 * Seconds of processor time that the processes have taken so far: unlike the wall time it hardly depends on what else the
 * machine does. Null where the system does not tell (it is read from Linux's `/proc`).
 */
export async function cpuSeconds(pids: readonly (number | null)[]): Promise<number | null> {
  let ticks = 0;
  for (const pid of pids) {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    if (text === null) return null;
    // After the name, which may hold anything and ends with the last bracket: state is field 3, utime 14, stime 15.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS;
}
