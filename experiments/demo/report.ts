import type { RoundFailure } from '../../protocol/messages/runs.ts';
import type { SiteSummary } from '../../participant/telemetry/prepare.ts';
import type { Alert } from '../../participant/train/top-alerts.ts';
import type { DataSummary } from './data.ts';

export interface DemoReport {
  readonly data: 'simulator' | 'mordor';
  readonly members: number;
  readonly seed: number;
  readonly threshold: number;
  readonly source: DataSummary;
  readonly organisations: readonly OrganisationReport[];
  readonly run: { readonly id: string; readonly status: string; readonly modelHash: string | null };
  readonly rounds: readonly DemoRound[];
  readonly quality: Quality;
  /** Whether an unencrypted run with the same seeds and contributors ends with the same bits; null if not compared. */
  readonly modelEqualsPlaintext: boolean | null;
  readonly failure: RoundFailure | null;
  readonly processes: readonly {
    readonly name: string;
    readonly pid: number | null;
    readonly running: boolean;
  }[];
  readonly ms: {
    readonly data: number;
    readonly prepare: number;
    readonly training: number;
    readonly total: number;
  };
  /** Folder with everything, if it was kept. */
  readonly kept: string | null;
  readonly inPlainWords: string;
}

export interface OrganisationReport extends SiteSummary {
  readonly id: string;
  readonly alerts: readonly DemoAlert[];
}

/** An alert with the techniques of the recording that its event came from (empty for the simulator). */
export interface DemoAlert extends Alert {
  readonly techniques: readonly string[];
}

export interface DemoRound {
  readonly round: number;
  readonly outcome: 'published' | 'failed';
  readonly members: readonly string[];
  readonly contributors: readonly string[];
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** Train, quantise, encrypt, upload and answer: mean over the members; the others: of the coordinator. */
  readonly ms: Readonly<
    Record<
      | 'train'
      | 'quantise'
      | 'encrypt'
      | 'upload'
      | 'answer'
      | 'collect'
      | 'check'
      | 'sum'
      | 'open'
      | 'audit'
      | 'total',
      number
    >
  >;
  readonly noise: { readonly greatest: number; readonly bound: number } | null;
  /** The opened sum equals the sum of what the members recorded, bit for bit. Absent where nothing was opened. */
  readonly sumExact?: boolean;
  readonly failure: RoundFailure | null;
}

export type Quality =
  | { readonly available: false; readonly ap: null; readonly auc: null; readonly reason: string }
  | {
      readonly available: true;
      readonly federated: Figures;
      readonly localOnly: Figures;
      readonly pooled: Figures;
      readonly members: readonly (Figures & { readonly id: string; readonly localOnly: Figures })[];
    };

export interface Figures {
  readonly ap: number | null;
  readonly auc: number | null;
  readonly memberRecall: number | null;
}
