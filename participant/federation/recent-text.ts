import { constants, openSync, writeSync } from 'node:fs';
import { readIfThere } from '../../crypto/identity/durable-file.ts';

/** Longer than any head, and within one page: one call of the system writes it whole. */
const BYTES = 128;

/**
 * A short text that outlives this process, killed or not, and no more: written over in place and not synced, so a power
 * cut may leave the old one, the new one or neither. Its one file stays open to the end of the process.
 */
export class RecentText {
  private readonly path: string;
  private file: number | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** @param text at most 128 ASCII characters */
  write(text: string): void {
    this.file ??= openSync(this.path, constants.O_WRONLY | constants.O_CREAT, 0o600);
    writeSync(this.file, text.padEnd(BYTES), 0, 'latin1');
  }

  /** Without the padding; null where there is none. */
  async read(): Promise<string | null> {
    return (await readIfThere(this.path))?.trimEnd() ?? null;
  }
}
