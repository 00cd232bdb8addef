import { setTimeout as sleep } from 'node:timers/promises';
import { nodePrimitives, systemRandom } from '../../crypto/identity/node-primitives.ts';
import { SigningKey } from '../../crypto/identity/signing-key.ts';
import type { EpochChain } from '../../crypto/public/epoch-chain.ts';
import { Operator } from '../../participant/api/operator.ts';
import type { RoundReport, RunSummary } from '../../protocol/messages/runs.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { State } from '../../protocol/messages/control.ts';
import type { Task } from '../../protocol/task.ts';
import { Child, OWN_CLI } from './processes.ts';
import type { Workspace } from './workspace.ts';

const READY_MS = 30_000;
/** Reading telemetry takes longer than starting. */
const PREPARED_MS = 300_000;
const CONNECTED_MS = 60_000;

/** The demo's processes: one coordinator, the participants, and this process as the operator. */
export class Federation {
  readonly address: string;
  readonly children: readonly Child[];
  private readonly workspace: Workspace;
  private readonly chain: EpochChain;
  private readonly coordinator: Child;
  private readonly participants: readonly Child[];

  private constructor(
    workspace: Workspace,
    chain: EpochChain,
    address: string,
    coordinator: Child,
    participants: readonly Child[],
  ) {
    this.workspace = workspace;
    this.chain = chain;
    this.address = address;
    this.coordinator = coordinator;
    this.participants = participants;
    this.children = [coordinator, ...participants];
  }

  static async start(
    workspace: Workspace,
    chain: EpochChain,
    coordinatorCli: string,
    onAddress: (address: string) => Promise<void>,
    adopt: (child: Child) => void,
  ): Promise<Federation> {
    const start = (name: string, cli: string, ...args: string[]) => {
      const child = new Child(name, cli, args, workspace.path(`${name}.log`));
      adopt(child);
      return child;
    };
    const config = workspace.path('coordinator', 'coordinator.yaml');
    const coordinator = start('coordinator', coordinatorCli, 'coordinator', 'serve', config);
    const address = String((await coordinator.ready(READY_MS))['address']);
    await onAddress(address);
    const participants = chain.last.members.map(({ id }) =>
      start(id, OWN_CLI, 'participant', 'run', workspace.member(id, 'participant.yaml')),
    );
    return new Federation(workspace, chain, address, coordinator, participants);
  }

  /** Waits until every participant has read its telemetry. @throws its own error, PROCESS_DIED, TIMEOUT */
  async prepared(say: (text: string) => void): Promise<void> {
    let ready = 0;
    await Promise.all(
      this.participants.map(async (child) => {
        await child.ready(PREPARED_MS);
        ready += 1;
        say(`Telemetry, twin, features: ${ready} of ${this.participants.length} organisations ready`);
      }),
    );
  }

  /**
   * Starts the task once everybody is connected and stays until it is over.
   * @throws CordonError PARTICIPANT_MISSING, PROCESS_DIED (coordinator), COORDINATOR_UNREACHABLE
   */
  async carryOut(
    task: Task,
    onState: (state: State) => void,
  ): Promise<{ run: RunSummary; reports: RoundReport[] }> {
    const key = await SigningKey.load(this.workspace.path('operator', 'key.pem'));
    let latest: State | null = null;
    const operator = await Operator.connect({
      coordinator: this.address,
      id: 'operator',
      sign: key.sign,
      chain: this.chain,
      primitives: nodePrimitives,
      random: systemRandom,
      onState: (state) => {
        latest = state;
        onState(state);
      },
    });
    try {
      await everybodyConnected(() => latest, this.participants, CONNECTED_MS);
      const { run: id } = await operator.start(task);
      for (;;) {
        await Promise.race([sleep(250), this.coordinator.ended]);
        const run = (await operator.list()).find((one) => one.run === id);
        if (run && run.status !== 'running') return { run, reports: (await operator.show(id)).reports };
      }
    } catch (error) {
      // A coordinator that is gone explains a link that is gone.
      await Promise.race([sleep(500), this.coordinator.ended]);
      throw this.coordinator.running ? error : await this.coordinator.died();
    } finally {
      operator.close();
    }
  }
}

/**
 * Waits until the coordinator counts everybody as connected.
 * @throws CordonError PARTICIPANT_MISSING naming who did not come; PROCESS_DIED for a participant that ended
 */
export async function everybodyConnected(
  latest: () => Pick<State, 'done' | 'expected' | 'waitingFor'> | null,
  participants: readonly Pick<Child, 'running' | 'died'>[],
  ms: number,
): Promise<void> {
  const until = performance.now() + ms;
  for (;;) {
    const state = latest();
    if (state && state.done === state.expected) return;
    const dead = participants.find((child) => !child.running);
    if (dead) throw await dead.died();
    if (performance.now() > until) {
      throw new CordonError('PARTICIPANT_MISSING', {
        expected: `${participants.length} participants to connect within ${ms / 1000} s`,
        got: `no connection of ${state?.waitingFor.join(', ') ?? 'anybody'}`,
        next: 'run again with --out DIR and read the logs there',
      });
    }
    await sleep(50);
  }
}
