import { expect } from 'vitest';
import type { CountSketchTask } from '../protocol/task.ts';
import { DrivenMember, type DrivenMemberOptions, oneHot } from './driven-member.ts';
import { TestCoordinator } from './running-coordinator.ts';
import { HOUR_MS, OPEN_POLICY, SKETCH_TASK, logon } from './sketch-task.ts';

const MEMBERS = 4;

/** Every member sees `everywhere`, its own account, and a failing one; the first two also a guest. */
const eventsOf = (place: number) => [
  logon(1000, 'everywhere@x', 'shared'),
  logon(2000, `own-${place}@x`, `desk-${place}`),
  logon(3000, 'failing@x', 'shared', 'server', false),
  logon(4000, 'failing@x', 'shared', 'server', false),
  ...(place < 2 ? [logon(5000, 'guest@x', 'visitor')] : []),
  logon(HOUR_MS + 1000, 'later@x', 'shared'),
];

/** A coordinator and four members that sketch tasks are tried with; the test moves the members. */
export class SketchFederation {
  readonly coordinator: TestCoordinator;
  readonly members: DrivenMember[] = [];

  private constructor(coordinator: TestCoordinator) {
    this.coordinator = coordinator;
  }

  /** The coordinator alone; members come with `begin`. */
  static async start(): Promise<SketchFederation> {
    return new SketchFederation(await TestCoordinator.start(MEMBERS));
  }

  async stop(): Promise<void> {
    for (const member of this.members) await member.stop();
    await this.coordinator.stop();
  }

  /** Starts the members, whose policy allows everything unless `options` say otherwise, and a run: its id, or the code of the refusal. */
  async begin(
    task: Partial<CountSketchTask> = {},
    options: (place: number) => Partial<DrivenMemberOptions> = () => ({}),
  ): Promise<string> {
    for (let i = 0; i < MEMBERS; i++) {
      const own = { train: oneHot(i), policy: OPEN_POLICY, events: eventsOf(i), ...options(i) };
      this.members.push(await DrivenMember.start(`org-${i + 1}`, this.coordinator, own));
    }
    return this.startRun(task);
  }

  /** @returns id of the run, or the code of the refusal */
  async startRun(task: Partial<CountSketchTask> = {}): Promise<string> {
    const operator = await this.coordinator.operate();
    const answer = await operator.message('POST', '/v1/runs', { ...SKETCH_TASK, ...task });
    const { run, code } = (await answer.json()) as { run?: string; code?: string };
    operator.close();
    return run ?? code ?? '';
  }

  async cancel(run: string): Promise<void> {
    const operator = await this.coordinator.operate();
    await operator.http('DELETE', `/v1/runs/${run}`);
    operator.close();
  }

  member(i: number): DrivenMember {
    const member = this.members[i];
    if (!member) throw new Error(`no member ${i}`);
    return member;
  }

  /** What is in the log so far. */
  async kinds(): Promise<string[]> {
    return (await this.member(1).client.log()).map(({ entry }) => entry.kind);
  }

  isIn(phase: string): boolean {
    return this.member(1).latest()?.phase === phase;
  }

  async statusOf(run: string) {
    const operator = await this.coordinator.operate();
    const found = (await (await operator.http('GET', `/v1/runs/${run}`)).json()) as {
      status: string;
      failure: { code: string; got: string } | null;
    };
    operator.close();
    return found;
  }

  /** Everybody acts until the run is over, and then on what the end of the log says. */
  async ended(run: string): Promise<void> {
    const limit = performance.now() + 20_000;
    while ((await this.statusOf(run)).status === 'running') {
      if (performance.now() > limit) throw new Error('waited in vain');
      for (const member of this.members) await member.act();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    for (const member of this.members) {
      member.client.messages.length = 0;
      member.client.send({ type: 'ask-state' });
      await member.client.state(({ phase: name }) => name === 'idle');
      expect(await member.act()).toBeNull();
    }
  }

  /** All answers that a member has. */
  answersOf(i: number) {
    return this.member(i).analytics.answers.all();
  }
}
