import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../crypto/identity/durable-file.ts';

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

  /** The opened sum of a round, whole or not at all. */
  async saveSum(round: number, bytes: Uint8Array): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    await writeDurably(this.sumPath(round), bytes);
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
