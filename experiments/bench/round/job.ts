import { nodePrimitives, systemRandom } from '../../../crypto/identity/node-primitives.ts';
import { SigningKey } from '../../../crypto/identity/signing-key.ts';
import type { EpochChain } from '../../../crypto/public/epoch-chain.ts';
import { Operator } from '../../../participant/api/operator.ts';
import { CordonError } from '../../../protocol/errors.ts';
import type { State } from '../../../protocol/messages/control.ts';
import type { TrainTask } from '../../../protocol/task.ts';
import { everybodyConnected } from '../../demo/federation.ts';
import type { Child } from '../../demo/processes.ts';
import type { Workspace } from '../../demo/workspace.ts';

/** A finished job: seconds from the operator's start to the state message after its end, and the final model. */
export interface FinishedJob {
  readonly run: string;
  readonly wallSeconds: number;
  readonly modelHash: string;
}

/** Everybody connects within this time. */
const CONNECTED_MS = 60_000;

/** The operator of one federation. It hears of every change, so that no polling blurs the times. */
export class JobRunner {
  private readonly operator: Operator;
  private readonly bell: Bell;

  private constructor(operator: Operator, bell: Bell) {
    this.operator = operator;
    this.bell = bell;
  }

  /** Connects as the workspace's operator and waits until all participants have. */
  static async open(
    workspace: Workspace,
    address: string,
    chain: EpochChain,
    participants: readonly Child[],
  ): Promise<JobRunner> {
    const key = await SigningKey.load(workspace.path('operator', 'key.pem'));
    const bell = new Bell();
    const operator = await Operator.connect({
      coordinator: address,
      id: 'operator',
      sign: key.sign,
      chain,
      primitives: nodePrimitives,
      random: systemRandom,
      onState: (state) => bell.ring(state),
      onClose: (reason) => bell.close(reason),
    });
    await everybodyConnected(() => bell.state, participants, CONNECTED_MS);
    return new JobRunner(operator, bell);
  }

  /** One job from start to end. @throws CordonError ROUND_FAILED with the reason of the run */
  async carryOut(task: TrainTask): Promise<FinishedJob> {
    const started = performance.now();
    const { run } = await this.operator.start(task);
    const { wallSeconds, summary } = await this.untilOver(run, started);
    if (summary?.status === 'finished' && summary.modelHash !== null) {
      return { run, wallSeconds, modelHash: summary.modelHash };
    }
    throw new CordonError('ROUND_FAILED', {
      expected: 'the measured job to finish',
      got: `${summary?.status ?? 'no run'}: ${summary?.failure?.code ?? ''} ${summary?.failure?.got ?? ''}`,
      next: 'see the logs of the processes',
    });
  }

  /** The time is that of the message that says so; one between the start and the first round says idle, too. */
  private async untilOver(run: string, started: number) {
    const nextIdle = () => this.bell.until(({ phase }) => phase === 'idle');
    for (let idle = nextIdle(); ;) {
      await idle;
      const wallSeconds = (performance.now() - started) / 1000;
      // Listened for before asking: the message may come while the answer is on its way.
      idle = nextIdle();
      idle.catch(() => undefined);
      const summary = (await this.operator.list()).find((one) => one.run === run);
      if (summary?.status !== 'running') return { wallSeconds, summary };
    }
  }

  close(): void {
    this.operator.close();
  }
}

/** The newest state, and somebody who waits for a certain one. */
class Bell {
  state: State | null = null;
  private closed: string | null = null;
  private wake: () => void = () => undefined;

  ring(state: State): void {
    this.state = state;
    this.wake();
  }

  close(reason: string): void {
    this.closed = reason;
    this.wake();
  }

  /** Waits for a state that comes from now on. */
  async until(wanted: (state: State) => boolean): Promise<void> {
    for (;;) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      if (this.closed !== null) {
        throw new CordonError('COORDINATOR_UNREACHABLE', {
          expected: 'the coordinator to stay to the end of the job',
          got: this.closed,
          next: 'see its log',
        });
      }
      if (this.state && wanted(this.state)) return;
    }
  }
}
