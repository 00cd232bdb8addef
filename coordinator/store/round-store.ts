import { mkdirSync } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type FileWriter,
  TEMPORARY_SUFFIX,
  createFile,
  writeWhole,
} from '../../crypto/identity/durable-file.ts';
import { namesIn } from '../../crypto/identity/small-read.ts';
import { check } from '../../protocol/codec/codec.ts';
import { RoundReport, type RunSummary } from '../../protocol/messages/runs.ts';

/** Opened sums and reports, a file each. */
export class RoundStore {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  sumPath(round: number): string {
    return join(this.directory, `${round}.sum`);
  }

  /** A sum that is written as it is opened; `sumPath` is the name to seal it with. */
  async createSum(): Promise<FileWriter> {
    this.make();
    return createFile(this.directory);
  }

  /** Removes the sums of all rounds before this one, and what a crash has left half-written. */
  async dropSumsBefore(round: number): Promise<void> {
    for (const name of namesIn(this.directory)) {
      const match = /^(\d+)\.sum$/.exec(name);
      const old = match ? Number(match[1]) < round : name.endsWith(TEMPORARY_SUFFIX);
      if (old) await rm(join(this.directory, name), { force: true });
    }
  }

  async saveReport(report: RoundReport): Promise<void> {
    this.make();
    // Not synced: the log has the round, and a report that a power cut takes is missed by nobody.
    await writeWhole(this.reportPath(report.round), JSON.stringify(report));
  }

  /**
   * Reports of a run, by round; of a run in progress, those so far. A round whose report could not be kept is left out.
   * @throws CordonError MESSAGE_MALFORMED
   */
  async reports({ firstRound, rounds }: Pick<RunSummary, 'firstRound' | 'rounds'>): Promise<RoundReport[]> {
    const names = await readdir(this.directory).catch(() => []);
    const kept = names.flatMap((name) => Number(/^([1-9]\d*)\.json$/.exec(name)?.[1] ?? []));
    const reports: RoundReport[] = [];
    for (const round of kept.toSorted((a, b) => a - b)) {
      if (round < firstRound || round >= firstRound + rounds) continue;
      const text = await readFile(this.reportPath(round), 'utf8').catch(() => '');
      // A power cut leaves it empty.
      if (text === '') continue;
      reports.push(check(RoundReport, JSON.parse(text), `report of round ${round}`));
    }
    return reports;
  }

  private reportPath(round: number): string {
    return join(this.directory, `${round}.json`);
  }

  private make(): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
  }
}
