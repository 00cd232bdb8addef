import { join } from 'node:path';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { CountSketchTask } from '../../protocol/task.ts';
import type { SitePolicy } from '../federation/site-policy.ts';
import type { SketchRun } from '../federation/sketch-run.ts';
import type { ParticipantDependencies, ParticipantModules } from '../modules.ts';
import { AnswerBook } from './answer-book.ts';
import { AnswerStore } from './answer-store.ts';
import { AnswersInStep } from './answers-in-step.ts';
import { PeriodCounts } from './period-counts.ts';
import { PrivacyLedger, SKETCHES, TASK_KEYS } from './privacy-ledger.ts';
import { type MadeSketch, makeSketch } from './sketch-maker.ts';
import { TaskKeys } from './task-keys.ts';

type Modules = Pick<ParticipantModules, 'member' | 'primitives' | 'random' | 'sign' | 'logger' | 'elapsed'> &
  Pick<ParticipantDependencies, 'now'>;

/** A site's part in sketch tasks: what it counts, its keys, its privacy ledger, and the answers that its features read. */
export class SiteAnalytics {
  readonly answers: AnswerStore;
  private readonly keys: TaskKeys;
  /** What the events come to, period by period. */
  readonly counts = new PeriodCounts();
  private readonly ledger: PrivacyLedger;
  private readonly policy: SitePolicy;
  private readonly modules: Modules;
  private live: AnswersInStep | null = null;

  private constructor(ledger: PrivacyLedger, state: string, policy: SitePolicy, modules: Modules) {
    this.ledger = ledger;
    this.policy = policy;
    this.modules = modules;
    this.keys = new TaskKeys(join(state, TASK_KEYS), modules);
    this.answers = new AnswerStore(join(state, SKETCHES));
  }

  /** @param state the participant's folder @throws CordonError CONFIG_INVALID for a ledger that is damaged or gone */
  static async open(state: string, policy: SitePolicy, modules: Modules): Promise<SiteAnalytics> {
    const ledger = await PrivacyLedger.open(state);
    if (policy.analytics) await ledger.begin();
    return new SiteAnalytics(ledger, state, policy, modules);
  }

  /** Every event in its turn; nothing is counted where the policy allows no sketch task. */
  readonly onEvent = (event: AuthEvent, fresh: boolean): void => {
    if (this.policy.analytics) this.counts.add(event, fresh);
  };

  /** What the member's side of the rounds is given. */
  get forMember() {
    const { keys, answers, sketch, passedBy } = this;
    return { keys, answers, sketch, passedBy };
  }

  /** Rows that are made of live events have no second reading, whatever the pace; files that are read once have one. */
  private readonly passedBy = (pace: CountSketchTask['pace']): number => {
    if (this.live) return this.live.extractor.newest;
    return pace === 'clock' ? this.counts.newest : 0;
  };

  /** For a site that follows its logs: rows with what answers there are and will be; null where the policy allows none. */
  async inStep(): Promise<AnswersInStep | null> {
    if (this.policy.analytics) this.live ??= new AnswersInStep(this.answers, await this.book());
    return this.live;
  }

  /** As `makeSketch`. @throws CordonError POLICY_REFUSED where the policy allows no sketch task */
  private readonly sketch = async (run: SketchRun, round: number): Promise<MadeSketch> => {
    const { analytics: policy } = this.policy;
    if (policy)
      return makeSketch(run, round, {
        ...this.modules,
        keys: this.keys,
        counts: this.counts,
        ledger: this.ledger,
        answers: this.answers,
        policy,
      });
    throw new CordonError('POLICY_REFUSED', {
      expected: 'no sketch tasks: policy.analytics is not set',
      got: run.task.kind,
      next: 'only this site can change its policy',
    });
  };

  /** All answers there are by now, to be read in event time from the beginning; new ones come in as they come. */
  async book(): Promise<AnswerBook> {
    const answers = await this.answers.all();
    const keys = new Map(
      await Promise.all(
        [...new Set(answers.map(({ keyHash }) => keyHash))].map(
          async (hash) => [hash, await this.keys.find(hash)] as const,
        ),
      ),
    );
    return new AnswerBook((hash) => keys.get(hash) ?? this.keys.known(hash), answers);
  }
}
