import { durableFiles } from '../crypto/identity/durable-file.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePrimitives, systemRandom } from '../crypto/identity/node-primitives.ts';
import { AnswerJournal } from '../crypto/secret/answer-journal.ts';
import { modelWith } from '../models/detection/models.ts';
import { BulkClient } from '../participant/api/bulk-client.ts';
import { CommitteeSeat } from '../participant/committee/serve.ts';
import type { LocalTraining } from '../participant/federation/contribute.ts';
import { RoundDiary } from '../participant/federation/diary.ts';
import type { EpochBook } from '../participant/federation/epoch-book.ts';
import { LogFollower } from '../participant/federation/log-follower.ts';
import { Member } from '../participant/federation/member.ts';
import { Outbox } from '../participant/federation/outbox.ts';
import { OwnStore } from '../participant/federation/own-store.ts';
import { RefutedSum } from '../participant/federation/refuted-sum.ts';
import { SumStore } from '../participant/federation/sum-store.ts';
import type { RunRecord } from '../participant/models/run-record.ts';
import type { AuthEvent } from '../protocol/events/canonical.ts';
import { SiteAnalytics } from '../participant/analytics/site-analytics.ts';
import { DEFAULT_POLICY, type SitePolicy } from '../participant/federation/site-policy.ts';
import type { ClientMessage, State } from '../protocol/messages/control.ts';
import { toCordonError } from '../protocol/errors.ts';
import { type TestClient, type TestCoordinator, bookOf, quietLogger } from './running-coordinator.ts';

export interface DrivenMemberOptions {
  readonly policy?: Partial<SitePolicy>;
  readonly train: LocalTraining;
  /** What its periods are counted from; every event is at a new destination. */
  readonly events?: readonly AuthEvent[];
  /** The site's clock; the machine's where left out. */
  readonly now?: () => number;
}

/** The real member code of one site on a bare connection, moved by a test: it acts when it is told to, and can restart. */
export class DrivenMember {
  readonly id: string;
  readonly state: string;
  readonly sent: ClientMessage[] = [];
  readonly finished: Float32Array[] = [];
  /** What it knows of the rounds of each finished run. */
  readonly records: RunRecord[] = [];
  readonly lines: string[] = [];
  /** While set, it does nothing, as if it hung. */
  hanging = false;
  /** While set, messages of this type get lost on their way. */
  losing: ClientMessage['type'] | null = null;
  lost = 0;
  /** While set, what it says is changed before it is sent: a member that lies. */
  lying: ((message: ClientMessage) => ClientMessage) | null = null;
  client: TestClient;
  member: Member;
  analytics: SiteAnalytics;
  epochs: EpochBook;
  private readonly coordinator: TestCoordinator;
  private readonly options: DrivenMemberOptions;

  private constructor(id: string, coordinator: TestCoordinator, options: DrivenMemberOptions, state: string) {
    this.id = id;
    this.coordinator = coordinator;
    this.options = options;
    this.state = state;
    this.client = null as unknown as TestClient;
    this.member = null as unknown as Member;
    this.analytics = null as unknown as SiteAnalytics;
    this.epochs = null as unknown as EpochBook;
  }

  static async start(
    id: string,
    coordinator: TestCoordinator,
    options: DrivenMemberOptions,
  ): Promise<DrivenMember> {
    const self = new DrivenMember(id, coordinator, options, await mkdtemp(join(tmpdir(), `cordon-${id}-`)));
    await self.restart();
    return self;
  }

  /** A new process on the same folder: everything that was in memory is gone. */
  async restart(): Promise<void> {
    const { federation } = this.coordinator;
    this.epochs = await bookOf(federation, join(this.state, 'epochs.json'));
    await this.reconnect();
    const modules = {
      epochs: this.epochs,
      roster: this.epochs.chain.roster(0) ?? federation.roster,
      member: this.id,
      primitives: nodePrimitives,
      random: systemRandom,
      sign: federation.key(this.id).sign,
      publicKey: federation.key(this.id).publicKey,
      elapsed: () => performance.now(),
      failpoint: () => false,
      logger: quietLogger(this.lines),
    };
    const policy = { ...DEFAULT_POLICY, ...this.options.policy };
    const clock = { now: () => this.options.now?.() ?? Date.now() };
    this.analytics = await SiteAnalytics.open(this.state, policy, { ...modules, ...clock });
    for (const event of this.options.events ?? []) this.analytics.onEvent(event, true);
    const bulk = new BulkClient(this.coordinator.address, () => this.client.token);
    const diary = new RoundDiary(join(this.state, 'rounds'), false);
    const journal = new AnswerJournal(join(this.state, 'answers'), durableFiles);
    this.member = new Member({
      ...modules,
      bulk,
      diary,
      sums: new SumStore(join(this.state, 'sums'), bulk, nodePrimitives),
      own: new OwnStore(join(this.state, 'own')),
      refuted: await RefutedSum.open(join(this.state, 'refuted-sum.json')),
      train: this.options.train,
      ...this.analytics.forMember,
      policy,
      outbox: new Outbox(join(this.state, 'outbox')),
      follower: await LogFollower.open(join(this.state, 'log-head.json'), nodePrimitives, this.epochs),
      seatIn: (roster) => CommitteeSeat.of({ ...modules, roster, bulk, journal, diary }),
      token: () => this.client.token,
      isHandled: () => Promise.resolve(false),
      onFinished: (_run, weights, record) => {
        this.finished.push(weights);
        this.records.push(record);
        return Promise.resolve();
      },
      send: (message) => {
        if (message.type === this.losing) {
          this.lost += 1;
          return;
        }
        const said = this.lying?.(message) ?? message;
        this.sent.push(said);
        this.client.send(said);
      },
    });
  }

  async reconnect(): Promise<void> {
    this.client?.close();
    this.client = await this.coordinator.member(this.id, this.epochs);
  }

  /** The newest state that the coordinator has told. */
  latest(): State | undefined {
    return this.client.messages.findLast((message): message is State => message.type === 'state');
  }

  /** Acts on the newest state. @returns the code of what must be tried again, or null */
  async act(): Promise<string | null> {
    const state = this.latest();
    if (!state || this.hanging) return null;
    try {
      await this.member.act(state);
      return null;
    } catch (error) {
      return toCordonError(error).code;
    }
  }

  types(): string[] {
    return this.sent.map(({ type }) => type);
  }

  async stop(): Promise<void> {
    this.client.close();
    await rm(this.state, { recursive: true, force: true });
  }
}

/** Member `place` contributes 1 in that coordinate and nothing else, so that a double count shows as a 2. */
export function oneHot(place: number): LocalTraining {
  return (_weights, run) => {
    const values = new Uint32Array(modelWith(run.architecture).length);
    values[place] = 1;
    return { values, costs: {} };
  };
}

/** Everybody acts in turn until it is as the test wants it. */
export async function until(members: readonly DrivenMember[], done: () => boolean): Promise<void> {
  const limit = performance.now() + 12_000;
  while (!done()) {
    if (performance.now() > limit) throw new Error('waited in vain');
    for (const member of members) await member.act();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
