import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fields, integer, isFields, object } from '../../datasets/ocsf-json/fields.ts';
import type { Alert } from './alert.ts';
import { ALERTS_FILE, ALERT_BOUNDS, FINDINGS_FILE, readAlertLines } from './alert-file.ts';
import type { Told } from './alert-groups.ts';
import { AppendLog, filesOf } from './append-log.ts';
import { toFinding } from './ocsf-finding.ts';

/**
 * The alerts of a site on disk, once as they are and once as findings. What is told is in both or will be at the next start:
 * the findings follow the alerts.
 */
export class AlertStore {
  /** Lines that were there at the start, the oldest first. */
  readonly before: readonly Alert[];
  readonly #state: string;
  readonly #member: string;
  readonly #now: () => number;
  readonly #alerts: AppendLog;
  readonly #findings: AppendLog;
  /** Lines that are in the alerts and not yet in the findings. */
  #behind: Alert[] = [];
  #sequence: number;

  private constructor(state: string, member: string, now: () => number) {
    const path = join(state, ALERTS_FILE);
    this.#state = state;
    this.#member = member;
    this.#now = now;
    this.#alerts = AppendLog.open(path, ALERT_BOUNDS);
    this.#findings = AppendLog.open(join(state, FINDINGS_FILE), ALERT_BOUNDS);
    this.before = readAlertLines(state);
    this.#sequence = this.before.at(-1)?.sequence ?? 0;
  }

  /**
   * @param now Unix time, milliseconds: when lines are written
   * @throws CordonError ENCODING_INVALID where a line is damaged
   */
  static open(state: string, member: string, now: () => number): AlertStore {
    return new AlertStore(state, member, now);
  }

  /**
   * Finds out what of the alerts a crash has kept from the findings.
   * @param known number of a line up to which nothing is missing: what the checkpoint was written after
   */
  recover(known: number): void {
    const last = Math.max(known, lastFinding(this.#state) ?? 0);
    this.#behind = this.before.filter(({ sequence }) => sequence > last);
  }

  /** Whether there are lines in the alerts that are not yet in the findings. */
  get isBehind(): boolean {
    return this.#behind.length > 0;
  }

  /** Number of the last line; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  /**
   * Writes lines to the alerts, all of them or none; on disk before it returns. The findings have to follow.
   * @returns the lines as they were written
   * @throws CordonError, for example DISK_FULL
   */
  async put(told: readonly Told[]): Promise<{ lines: Alert[]; text: string }> {
    const written = this.#now();
    const lines = told.map((line, i): Alert => ({ ...line, sequence: this.#sequence + i + 1, written }));
    const text = textOf(lines);
    await this.#alerts.append(text);
    this.#sequence += lines.length;
    this.#behind.push(...lines);
    return { lines, text };
  }

  /** Brings the findings up to the alerts. @returns them as lines @throws CordonError */
  async follow(): Promise<string> {
    const behind = this.#behind;
    const text = textOf(behind.map((alert) => toFinding(alert, this.#member)));
    await this.#findings.append(text);
    this.#behind = this.#behind.slice(behind.length);
    return text;
  }
}

function textOf(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** `metadata.sequence` of the newest finding; null where there is none. */
function lastFinding(state: string): number | null {
  for (const path of filesOf(join(state, FINDINGS_FILE), ALERT_BOUNDS).reverse()) {
    const line = readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? '';
    const sequence = line === '' ? null : integer(object(parsed(line), 'metadata'), 'sequence');
    if (sequence !== null) return sequence;
  }
  return null;
}

/** What somebody else has written there says nothing. */
function parsed(line: string): Fields {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}
