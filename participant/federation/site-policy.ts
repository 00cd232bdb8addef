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
    serveOnCommittee: Type.Boolean(),
  },
  closed,
);
export type SitePolicy = Static<typeof SitePolicy>;

export const DEFAULT_POLICY: SitePolicy = {
  tasks: ['train-edge-scorer'],
  leastCohort: 3,
  mostRounds: 1000,
  serveOnCommittee: true,
};

/** @throws CordonError POLICY_REFUSED naming the rule */
export function checkPolicy(policy: SitePolicy, task: Task): void {
  const refuse = (expected: string, got: string): never => {
    throw new CordonError('POLICY_REFUSED', { expected, got, next: 'only this site can change its policy' });
  };
  if (!policy.tasks.includes(task.kind))
    refuse(`a task of ${policy.tasks.join(', ') || 'no kind'}`, task.kind);
  if (task.kMin < policy.leastCohort) refuse(`a cohort of at least ${policy.leastCohort}`, String(task.kMin));
  if (task.rounds > policy.mostRounds) refuse(`at most ${policy.mostRounds} rounds`, String(task.rounds));
}
