import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePrimitives, systemRandom } from '../crypto/identity/node-primitives.ts';
import { runParticipant } from '../participant/agent.ts';
import { DEFAULT_POLICY } from '../participant/federation/site-policy.ts';
import type { ParticipantConfig } from '../participant/config.ts';
import { type CordonError, toCordonError } from '../protocol/errors.ts';
import { type TestCoordinator, quietLogger } from './running-coordinator.ts';

/** A whole participant in this process, from its telemetry to its model file; nobody tells it when to act. */
export class RunningAgent {
  readonly id: string;
  readonly state: string;
  /** What has ended it by itself, or null while it runs and after it was stopped. */
  end: CordonError | null = null;
  /** What it has logged. */
  readonly lines: string[] = [];
  /** Times that the coordinator has proven itself to it. */
  connected = 0;
  private readonly coordinator: TestCoordinator;
  private readonly telemetry: ParticipantConfig['telemetry'];
  private readonly more: Partial<ParticipantConfig>;
  private stopper = new AbortController();
  private running: Promise<void> = Promise.resolve();

  private constructor(
    id: string,
    coordinator: TestCoordinator,
    telemetry: ParticipantConfig['telemetry'],
    state: string,
    more: Partial<ParticipantConfig>,
  ) {
    this.id = id;
    this.coordinator = coordinator;
    this.telemetry = telemetry;
    this.state = state;
    this.more = more;
  }

  static async start(
    id: string,
    coordinator: TestCoordinator,
    telemetry: ParticipantConfig['telemetry'],
    more: Partial<ParticipantConfig> = {},
  ): Promise<RunningAgent> {
    const state = await mkdtemp(join(tmpdir(), `cordon-agent-${id}-`));
    const self = new RunningAgent(id, coordinator, telemetry, state, more);
    await self.start();
    return self;
  }

  /** On the same folder again, as after a stop. @returns once it is connected, or has ended */
  async start(): Promise<void> {
    const { id, coordinator, telemetry, state } = this;
    this.end = null;
    this.stopper = new AbortController();
    const config: ParticipantConfig = {
      member: id,
      coordinator: coordinator.address,
      key: '',
      roster: '',
      state,
      telemetry,
      seed: 1,
      recordVectors: false,
      policy: DEFAULT_POLICY,
      ...this.more,
    };
    const key = coordinator.federation.key(id);
    await new Promise<void>((connected) => {
      const work = runParticipant(
        {
          config,
          seed: `${id}-seed`,
          signal: this.stopper.signal,
          onPrepared: () => undefined,
          onConnected: () => {
            this.connected += 1;
            connected();
          },
        },
        {
          chain: coordinator.federation.chain,
          member: id,
          primitives: nodePrimitives,
          random: systemRandom,
          sign: key.sign,
          publicKey: key.publicKey,
          elapsed: () => performance.now(),
          now: () => Date.now(),
          failpoint: () => false,
          logger: quietLogger(this.lines),
        },
      );
      this.running = work
        .catch((error: unknown) => {
          this.end = toCordonError(error);
        })
        .finally(connected);
    });
  }

  /** The model that it works with, as it stands on its disk; null before the first. */
  async model(): Promise<string | null> {
    const path = join(this.state, 'model.f32');
    return readFile(path).then(
      (bytes) => bytes.toString('hex'),
      () => null,
    );
  }

  async stop(): Promise<void> {
    this.stopper.abort();
    await this.running;
    await rm(this.state, { recursive: true, force: true });
  }
}
