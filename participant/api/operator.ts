import type { PublicPrimitives, RandomBytes } from '../../crypto/public/primitives.ts';
import type { Roster } from '../../crypto/public/roster.ts';
import type { Sign } from '../../crypto/public/signed.ts';
import type { State } from '../../protocol/messages/control.ts';
import { bulkPaths } from '../../protocol/messages/bulk.ts';
import type { Task } from '../../protocol/task.ts';
import { BulkClient } from './bulk-client.ts';
import { Connection } from './connection.ts';

/** One run as the coordinator reports it. */
export interface RunSummary {
  readonly run: string;
  readonly name: string;
  readonly status: 'running' | 'finished' | 'failed' | 'cancelled';
  readonly firstRound: number;
  readonly rounds: number;
  readonly published: number;
  readonly modelHash: string | null;
  readonly failure: RoundFailure | null;
}

export interface RoundFailure {
  readonly code: string;
  readonly expected: string;
  readonly got: string;
  readonly next: string;
}

/** What one round cost the coordinator. */
export interface RoundReport {
  readonly round: number;
  readonly step: number;
  readonly outcome: 'published' | 'failed';
  readonly members: readonly string[];
  readonly contributors: readonly string[];
  readonly committee: readonly string[];
  readonly answers: readonly string[];
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly ms: Readonly<Record<'advertise' | 'collect' | 'answer' | 'sum' | 'open' | 'total', number>>;
  readonly noise: { readonly greatest: number; readonly bound: number } | null;
  readonly modelHash: string | null;
  readonly failure: RoundFailure | null;
}

export interface OperatorOptions {
  readonly coordinator: string;
  readonly id: string;
  readonly sign: Sign;
  readonly roster: Roster;
  readonly primitives: PublicPrimitives;
  readonly random: RandomBytes;
  readonly onState?: (state: State) => void;
  readonly onClose?: (reason: string) => void;
}

/** What an operator can ask of a coordinator. Answers come from a coordinator that has proved its key. */
export class Operator {
  private readonly connection: Connection;
  private readonly bulk: BulkClient;

  private constructor(connection: Connection, bulk: BulkClient) {
    this.connection = connection;
    this.bulk = bulk;
  }

  /** @throws CordonError COORDINATOR_UNREACHABLE, UNAUTHENTICATED, ROSTER_INVALID */
  static async connect(options: OperatorOptions): Promise<Operator> {
    const { coordinator, id, sign, onState, onClose } = options;
    const connection = await Connection.open(coordinator, { role: 'operator', id, sign }, options, {
      onMessage: (message) => {
        if (message.type === 'state') onState?.(message);
      },
      onClose: (reason) => onClose?.(reason),
    });
    connection.send({ type: 'ask-state' });
    return new Operator(connection, new BulkClient(coordinator, () => connection.token));
  }

  async start(task: Task): Promise<RunSummary> {
    return (await this.bulk.json('POST', bulkPaths.runs(), task)) as RunSummary;
  }

  async list(): Promise<RunSummary[]> {
    return ((await this.bulk.json('GET', bulkPaths.runs())) as { runs: RunSummary[] }).runs;
  }

  async show(
    run: string,
  ): Promise<RunSummary & { readonly rounds: number; readonly reports: RoundReport[] }> {
    return (await this.bulk.json('GET', bulkPaths.run(run))) as RunSummary & { reports: RoundReport[] };
  }

  async cancel(run: string): Promise<RunSummary> {
    return (await this.bulk.json('DELETE', bulkPaths.run(run))) as RunSummary;
  }

  close(): void {
    this.connection.close();
  }
}
