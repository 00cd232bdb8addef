import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ChainMeasured } from './chain-child.ts';

const CHILD = fileURLToPath(new URL('./chain-child.ts', import.meta.url));

/** Sends a log through the whole chain in a process of its own. @param marks numbers of events, ascending */
export async function measureChain(
  log: string,
  marks: readonly number[],
  signal: AbortSignal,
): Promise<ChainMeasured> {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, log, ...marks.map(String)], {
    signal,
  });
  return JSON.parse(stdout) as ChainMeasured;
}
