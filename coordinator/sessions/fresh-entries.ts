import { countValues } from '../../protocol/codec/scan.ts';
import { PUSH_LIMITS } from '../../protocol/messages/control.ts';
import type { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';

/** Entries of the log that nobody has been sent yet, never more than one message may bring. */
export class FreshEntries {
  private entries: SignedLogEntryMessage[] = [];
  private bytes = 0;
  private values = 0;

  /** @returns false for an entry that does not fit with those before, which is left out */
  add(entry: SignedLogEntryMessage, bytes: number): boolean {
    const values = countValues(entry);
    const fits =
      this.entries.length < PUSH_LIMITS.entries &&
      this.bytes + bytes <= PUSH_LIMITS.bytes &&
      this.values + values <= PUSH_LIMITS.values;
    if (!fits) return false;
    this.entries.push(entry);
    this.bytes += bytes;
    this.values += values;
    return true;
  }

  /** All of them, in order; they are not given out again. */
  take(): SignedLogEntryMessage[] {
    const { entries } = this;
    this.entries = [];
    this.bytes = 0;
    this.values = 0;
    return entries;
  }
}
