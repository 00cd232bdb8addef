import { closeSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { strangerOf } from './lines.ts';

const POLL_MS = 5;

/**
 * Reads the alerts of a participant as they come to its disk.
 * @param onStranger gets the number of a stranger when its alert is there
 */
export async function watchAlerts(
  path: string,
  onStranger: (number: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const buffer = Buffer.alloc(1024 * 1024);
  let [at, rest] = [0, ''];
  while (!signal.aborted) {
    const text = readFrom(path, at, buffer);
    at += text.length;
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { srcHost, version } = JSON.parse(line) as { srcHost: string; version: number };
      const number = strangerOf(srcHost);
      if (number !== null && version === 1) onStranger(number);
    }
    if (text.length < buffer.length) await sleep(POLL_MS);
  }
}

/** All names here are ASCII: bytes are letters. */
function readFrom(path: string, at: number, buffer: Buffer): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, at));
  } finally {
    closeSync(file);
  }
}
