import Type, { type Static } from 'typebox';
import { CordonError } from '../../protocol/errors.ts';
import { closed } from '../../protocol/messages/fields.ts';
import type { Task } from '../../protocol/task.ts';

/** What the site allows, whatever the coordinator asks. It is part of the site's own configuration file. */
export const SitePolicy = Type.Object(
  {
    /** Task kinds that may run here. */
    tasks: Type.Array(Type.Literal('train-edge-scorer'), { maxItems: 16 }),
    /** Least number of contributors of a sum that this site helps to open or adds to. */
    leastCohort: Type.Integer({ minimum: 3, maximum: 1024 }),
    /** Most rounds of one run over this site's data. */
    mostRounds: Type.Integer({ minimum: 1, maximum: 100_000 }),
    /** Most updates of this site that are opened in sums within one roster epoch, over all runs. */
    mostContributions: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    /** Fewest local steps of a round: the update of a single step is close to a gradient, which says more of the data. */
    leastSteps: Type.Integer({ minimum: 1, maximum: 10_000 }),
    /** Most examples (steps times batch) that a round may train on, and most hidden units: what a round may cost here. */
    mostExamples: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
    mostHidden: Type.Integer({ minimum: 1, maximum: 65_536 }),
    /** Range of the clipping norm. */
    clipNorm: Type.Object(
      { least: Type.Number({ minimum: 0 }), most: Type.Number({ exclusiveMinimum: 0 }) },
      closed,
    ),
    serveOnCommittee: Type.Boolean(),
    /** Whether this site recomputes parts of others' sums when it is asked to; it does where left out. */
    audit: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type SitePolicy = Static<typeof SitePolicy>;

export const DEFAULT_POLICY: SitePolicy = {
  tasks: ['train-edge-scorer'],
  leastCohort: 3,
  mostRounds: 1000,
  mostContributions: 10_000,
  leastSteps: 5,
  mostExamples: 1_000_000,
  mostHidden: 256,
  clipNorm: { least: 0.01, most: 100 },
  serveOnCommittee: true,
  audit: true,
};

/** @throws CordonError POLICY_REFUSED naming the rule */
export function checkPolicy(policy: SitePolicy, task: Task): void {
  const { model, training, quantiser } = task;
  const examples = training.steps * training.batch;
  need(policy.tasks.includes(task.kind), `a task of ${policy.tasks.join(', ') || 'no kind'}`, task.kind);
  need(task.kMin >= policy.leastCohort, `a cohort of at least ${policy.leastCohort}`, String(task.kMin));
  need(task.rounds <= policy.mostRounds, `at most ${policy.mostRounds} rounds`, String(task.rounds));
  need(training.steps >= policy.leastSteps, `at least ${policy.leastSteps} steps`, String(training.steps));
  need(examples <= policy.mostExamples, `at most ${policy.mostExamples} examples a round`, String(examples));
  need(model.hidden <= policy.mostHidden, `at most ${policy.mostHidden} hidden units`, String(model.hidden));
  const { least, most } = policy.clipNorm;
  const norm = quantiser.clipNorm;
  need(norm >= least && norm <= most, `a clipping norm from ${least} to ${most}`, String(norm));
}

/**
 * What is counted over all runs: updates that were opened, and models that this site has trained from. A second update
 * from the same model, summed over another cohort, would give away the difference: one member's update.
 */
export interface SpentBudget {
  readonly contributions: number;
  /** Round in which an update from this model was already summed, or null. */
  roundOf(modelHash: string): number | null;
}

/** @throws CordonError POLICY_REFUSED */
export function checkBudget(policy: SitePolicy, spent: SpentBudget, modelHash: string): void {
  const { mostContributions } = policy;
  const { contributions } = spent;
  need(
    contributions < mostContributions,
    `at most ${mostContributions} updates in this epoch`,
    `${contributions} already`,
  );
  const round = spent.roundOf(modelHash);
  if (round === null) return;
  throw new CordonError('POLICY_REFUSED', {
    expected: 'a model that this site has not trained from before',
    got: `model ${modelHash.slice(0, 16)} of round ${round}, whose sum was opened`,
    next: 'choose another seed in the task: two sums over the same updates give away the difference',
  });
}

function need(ok: boolean, expected: string, got: string): void {
  if (ok) return;
  throw new CordonError('POLICY_REFUSED', { expected, got, next: 'only this site can change its policy' });
}
