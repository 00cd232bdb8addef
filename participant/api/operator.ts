import type { PublicPrimitives, RandomBytes } from '../../crypto/public/primitives.ts';
import type { EpochChain } from '../../crypto/public/epoch-chain.ts';
import type { Sign } from '../../crypto/public/signed.ts';
import { check } from '../../protocol/codec/codec.ts';
import type { State } from '../../protocol/messages/control.ts';
import { bulkPaths } from '../../protocol/messages/bulk.ts';
import { RunDetail, RunList, RunSummary } from '../../protocol/messages/runs.ts';
import type { Task } from '../../protocol/task.ts';
import { EpochBook } from '../federation/epoch-book.ts';
import { BulkClient } from './bulk-client.ts';
import { Connection } from './connection.ts';

export interface OperatorOptions {
  readonly coordinator: string;
  readonly id: string;
  readonly sign: Sign;
  readonly chain: EpochChain;
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
    const { coordinator, id, sign, onState, onClose, primitives, random, chain } = options;
    const modules = { primitives, random, epochs: await EpochBook.open(null, primitives, chain) };
    const connection = await Connection.open(coordinator, { role: 'operator', id, sign }, modules, {
      onMessage: (message) => {
        if (message.type === 'state') onState?.(message);
      },
      onClose: (reason) => onClose?.(reason),
    });
    connection.send({ type: 'ask-state' });
    return new Operator(connection, new BulkClient(coordinator, () => connection.token));
  }

  /** @throws CordonError RUN_ACTIVE, CONFIG_INVALID, FORBIDDEN; MESSAGE_MALFORMED for an answer outside its schema, as below */
  async start(task: Task): Promise<RunSummary> {
    return check(RunSummary, await this.bulk.json('POST', bulkPaths.runs(), task), 'run');
  }

  async list(): Promise<RunSummary[]> {
    return check(RunList, await this.bulk.json('GET', bulkPaths.runs()), 'list of runs').runs;
  }

  /** @throws CordonError NOT_FOUND */
  async show(run: string): Promise<RunDetail> {
    return check(RunDetail, await this.bulk.json('GET', bulkPaths.run(run)), 'run');
  }

  /** @throws CordonError NOT_FOUND, FORBIDDEN */
  async cancel(run: string): Promise<RunSummary> {
    return check(RunSummary, await this.bulk.json('DELETE', bulkPaths.run(run)), 'run');
  }

  close(): void {
    this.connection.close();
  }
}
