import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { RoundReport } from '../../protocol/messages/runs.ts';
import type { TrainedMethod } from './experiment.ts';
import { trainTogether } from './train-together.ts';

/** A round whose sum lacks somebody, and whom. */
export interface LackingRound {
  readonly round: number;
  readonly members: string[];
}

/** A model that was trained together: what all share of it by its hash, and all of it at a member. */
interface SharedModel {
  readonly modelHash: string | null;
  readonly weightsOf: (member: string) => Float32Array;
}

/** What a deployment says of its run; rounds are numbered from 1. */
export interface Deployed extends SharedModel {
  readonly reports: readonly Pick<RoundReport, 'round' | 'contributors'>[];
}

/**
 * Compares the model of a deployment with that of training without encryption. Where a member was too slow for some
 * rounds, the deployment's model is another one: it is then compared with training by the very contributors of each round.
 * @param plain training without encryption in which all take part
 * @returns the rounds that lacked somebody
 * @throws CordonError MODEL_MISMATCH
 */
export function checkSameBits(
  method: TrainedMethod,
  sites: ReadonlyMap<string, SiteData>,
  seed: number,
  plain: SharedModel,
  deployed: Deployed,
): LackingRound[] {
  const members = [...sites.keys()];
  const lacking = deployed.reports.flatMap(({ round, contributors }) => {
    const absent = members.filter((member) => !contributors.includes(member));
    return absent.length > 0 ? [{ round, members: absent }] : [];
  });
  const expected = lacking.length === 0 ? plain : replayed(method, sites, seed, deployed.reports);
  const other = members.find((member) => !isSame(deployed.weightsOf(member), expected.weightsOf(member)));
  if (deployed.modelHash === expected.modelHash && other === undefined) return lacking;
  throw new CordonError('MODEL_MISMATCH', {
    expected: `the encrypted run of ${method.name} with seed ${seed} to end with model ${expected.modelHash ?? ''}, as without encryption`,
    got: `${deployed.modelHash ?? ''}${other === undefined ? '' : `, with other weights at ${other}`}`,
    next: 'report this with the experiment file: no figure of this run may be quoted',
  });
}

function isSame(a: Float32Array, b: Float32Array): boolean {
  const [x, y] = [new Uint32Array(a.slice().buffer), new Uint32Array(b.slice().buffer)];
  return x.length === y.length && x.every((word, i) => word === y[i]);
}

function replayed(
  method: TrainedMethod,
  sites: ReadonlyMap<string, SiteData>,
  seed: number,
  reports: Deployed['reports'],
): SharedModel {
  const contributors = (round: number) => reports[round - 1]?.contributors ?? [];
  const { federated, state, weightsOf } = trainTogether(method, sites, seed, new Map(), { contributors });
  return { modelHash: federated.hash(nodePrimitives.sha256, state), weightsOf };
}
