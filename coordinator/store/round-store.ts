import { type FileHandle, mkdir, open, readFile, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, writeDurably } from '../../crypto/identity/durable-file.ts';

/** What one round cost; milliseconds of this process, bytes on the bulk plane. */
export interface RoundReport {
  readonly round: number;
  readonly run: string;
  readonly step: number;
  readonly outcome: 'published' | 'failed';
  readonly members: readonly string[];
  readonly contributors: readonly string[];
  readonly committee: readonly string[];
  readonly answers: readonly string[];
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly ms: {
    readonly advertise: number;
    readonly collect: number;
    readonly answer: number;
    readonly sum: number;
    readonly open: number;
    readonly total: number;
  };
  /** Greatest noise coefficient of the opened sum and the bound it was checked against. */
  readonly noise: { readonly greatest: number; readonly bound: number } | null;
  readonly modelHash: string | null;
  readonly failure: { code: string; expected: string; got: string; next: string } | null;
}

/** Opened sums and reports, a file each. */
export class RoundStore {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  sumPath(round: number): string {
    return join(this.directory, `${round}.sum`);
  }

  /** A file for the sum of a round that gets its name only when `commit` is called. */
  async createSum(round: number): Promise<{ file: FileHandle; commit: () => Promise<void> }> {
    await mkdir(this.directory, { recursive: true });
    const temporary = `${this.sumPath(round)}.tmp`;
    const file = await open(temporary, 'w', 0o600);
    const commit = async () => {
      await file.sync();
      await file.close();
      await rename(temporary, this.sumPath(round));
      await syncDirectory(this.directory);
    };
    return { file, commit };
  }

  async saveReport(report: RoundReport): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    await writeDurably(join(this.directory, `${report.round}.json`), JSON.stringify(report));
  }

  /** Reports of a run, by round. */
  async reports(run: string): Promise<RoundReport[]> {
    const names = await readdir(this.directory).catch(() => []);
    const reports: RoundReport[] = [];
    for (const name of names.filter((file) => file.endsWith('.json'))) {
      const report = JSON.parse(await readFile(join(this.directory, name), 'utf8')) as RoundReport;
      if (report.run === run) reports.push(report);
    }
    return reports.sort((a, b) => a.round - b.round);
  }
}
