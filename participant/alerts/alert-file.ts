import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fits } from '../../protocol/codec/codec.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { Alert } from './alert.ts';
import { type LogBounds, filesOf } from './append-log.ts';

/** Names in a participant's state folder: its alerts as they are, and as OCSF Detection Findings. */
export const ALERTS_FILE = 'alerts.jsonl';
export const FINDINGS_FILE = 'findings.ocsf.jsonl';
export const ALERT_BOUNDS: LogBounds = { most: 8 * 1024 * 1024, kept: 4 };
/** One line more than fits may be there. */
const MOST_BYTES = 2 * ALERT_BOUNDS.most;

/**
 * Every line of the alerts of a state folder that is still kept, the oldest first; a last line that a crash has cut off is
 * left out.
 * @throws CordonError ENCODING_INVALID naming a line that is damaged
 */
export function readAlertLines(state: string): Alert[] {
  return filesOf(join(state, ALERTS_FILE), ALERT_BOUNDS).flatMap(linesIn);
}

/** The newest version of each alert, in the order of their numbers. @throws CordonError ENCODING_INVALID */
export function readAlerts(state: string): Alert[] {
  const newest = new Map(readAlertLines(state).map((line) => [line.id, line]));
  return [...newest.values()].sort((a, b) => a.number - b.number);
}

function linesIn(path: string): Alert[] {
  try {
    // It may have been set aside since.
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? null;
    if (size === null) return [];
    if (size > MOST_BYTES) throw damaged(path, 'its end', `${size} bytes`);
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    return lines.map((line, i) => lineIn(line, path, i + 1));
  } catch (error) {
    throw toCordonError(error);
  }
}

function lineIn(line: string, path: string, number: number): Alert {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw damaged(path, `line ${number}`, 'text that is not JSON');
  }
  if (!fits(Alert, value)) throw damaged(path, `line ${number}`, 'something else');
  return value;
}

function damaged(path: string, where: string, got: string): CordonError {
  return new CordonError('ENCODING_INVALID', {
    expected: `an alert in ${where} of ${path}, as a participant wrote it`,
    got,
    next: 'restore the file from a backup, or move it away: the participant begins a new one',
  });
}
