import Type, { type Static } from 'typebox';
import { checkShape } from '../../models/analytics/count-sketch.ts';
import { bitsNeeded } from '../../models/analytics/sketch-answer.ts';
import { sketchPrivacy } from '../../models/analytics/sketch-privacy.ts';
import { CordonError } from '../../protocol/errors.ts';
import { closed } from '../../protocol/messages/fields.ts';
import { type CountSketchTask, StatisticName, type Task, type TrainTask } from '../../protocol/task.ts';

/** What sketch tasks may count here; without it there are none. */
export const AnalyticsPolicy = Type.Object(
  {
    statistics: Type.Array(StatisticName, { maxItems: 7, uniqueItems: true }),
    /** Shortest period of a task, in seconds. */
    shortestPeriod: Type.Integer({ minimum: 600 }),
    /** Greatest epsilon that all tasks together may cost of any year of data; null for no bound, also without noise. */
    mostEpsilon: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()]),
    /** Probability for which that bound need not hold. */
    delta: Type.Number({ minimum: 1e-12, maximum: 1e-2 }),
    /** Least floor of an answer: what fewer members could have caused is 0. */
    leastFloor: Type.Integer({ minimum: 1, maximum: 1024 }),
  },
  closed,
);
export type AnalyticsPolicy = Static<typeof AnalyticsPolicy>;

/** What the site allows, whatever the coordinator asks. It is part of the site's own configuration file. */
export const SitePolicy = Type.Object(
  {
    /** Task kinds that may run here. */
    tasks: Type.Array(Type.Union([Type.Literal('train-edge-scorer'), Type.Literal('count-sketch')]), {
      maxItems: 16,
    }),
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
    /** Sketch tasks: off where left out, whatever `tasks` says. */
    analytics: Type.Optional(AnalyticsPolicy),
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
  need(policy.tasks.includes(task.kind), `a task of ${policy.tasks.join(', ') || 'no kind'}`, task.kind);
  need(task.kMin >= policy.leastCohort, `a cohort of at least ${policy.leastCohort}`, String(task.kMin));
  if (task.kind === 'count-sketch') checkAnalytics(policy.analytics, task);
  else checkTraining(policy, task);
}

/** Of all hidden layers together. */
export function hiddenUnits(model: TrainTask['model']): number {
  if (model.kind === 'edge-scorer') return model.hidden;
  return model.layers.slice(0, -1).reduce((sum, { units }) => sum + units, 0);
}

function checkTraining(policy: SitePolicy, task: TrainTask): void {
  const { model, training, quantiser } = task;
  const examples = training.steps * training.batch;
  need(task.rounds <= policy.mostRounds, `at most ${policy.mostRounds} rounds`, String(task.rounds));
  need(training.steps >= policy.leastSteps, `at least ${policy.leastSteps} steps`, String(training.steps));
  need(examples <= policy.mostExamples, `at most ${policy.mostExamples} examples a round`, String(examples));
  const hidden = hiddenUnits(model);
  need(hidden <= policy.mostHidden, `at most ${policy.mostHidden} hidden units`, String(hidden));
  const { least, most } = policy.clipNorm;
  const norm = quantiser.clipNorm;
  need(norm >= least && norm <= most, `a clipping norm from ${least} to ${most}`, String(norm));
}

/**
 * What a site allows of a sketch task. What can be wrong with a task beside the policy is refused here too: the coordinator
 * checks it, and is not trusted to.
 */
function checkAnalytics(policy: AnalyticsPolicy | undefined, task: CountSketchTask): void {
  if (!policy) return need(false, 'no sketch tasks: policy.analytics is not set', task.kind);
  const { sketch, period, noise, floor, encoding } = task;
  checkShape(sketch);
  const forbidden = sketch.statistics.filter((one) => !policy.statistics.includes(one));
  need(
    forbidden.length === 0,
    `statistics ${policy.statistics.join(', ') || '(none)'}`,
    forbidden.join(', '),
  );
  const { shortestPeriod, leastFloor, mostEpsilon, delta } = policy;
  need(period.seconds >= shortestPeriod, `periods of at least ${shortestPeriod} s`, `${period.seconds} s`);
  need(
    period.first % (1000 * period.seconds) === 0,
    'periods that begin at a multiple of themselves',
    `${period.first}`,
  );
  need(floor >= leastFloor, `a floor of at least ${leastFloor} members`, String(floor));
  const bits = bitsNeeded(sketch, noise);
  need(encoding.bits >= bits, `room for the counts with their noise: ${bits} bits`, `${encoding.bits} bits`);
  if (mostEpsilon === null) return;
  const { runEpsilon } = sketchPrivacy(task, delta);
  need(
    runEpsilon <= mostEpsilon,
    `at most epsilon ${mostEpsilon} of a year of data at delta ${delta}`,
    runEpsilon === Infinity ? 'a task without noise' : `${runEpsilon.toFixed(3)} for this run`,
  );
}

/**
 * The noise holds by the honest members alone.
 * @param cRoster members of the roster that may collude
 * @throws CordonError POLICY_REFUSED
 */
export function checkShares({ noise, kMin }: CountSketchTask, cRoster: number): void {
  if (noise === null) return;
  const honest = kMin - cRoster;
  need(
    noise.shares <= honest,
    `noise in at most ${honest} shares, those of honest members`,
    `${noise.shares}`,
  );
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
