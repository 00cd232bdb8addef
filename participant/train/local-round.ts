/** One member's share of a round: a few steps of training from the global weights, on its own data alone. */
import { type LocalMethod, localTraining } from '../../models/detection/local-training.ts';
import type { BatchSource } from '../../models/detection/model.ts';
import { modelOf } from '../../models/detection/models.ts';
import type { InSteps } from '../../models/in-steps.ts';
import type { SeededStream } from '../../models/seeded-stream.ts';
import type { TrainTask } from '../../protocol/task.ts';
import type { SiteData } from './site-data.ts';
import type { RowList } from './rows.ts';
import { seededStream } from './seeded-stream.ts';

/** What one member's training changed; `delta` is as long as the model and leaves the site only clipped and encrypted. */
export interface LocalUpdate {
  /** New weights. */
  readonly weights: Float32Array;
  /** New weights minus those at the start. */
  readonly delta: Float32Array;
  readonly steps: number;
  /** Mean loss over the steps. */
  readonly loss: number;
  /** Milliseconds that training took. */
  readonly ms: number;
}

/** Shares where the task leaves them out. Many benign rows have something new, because alerts are decided among these. */
const USUAL = { incidents: 0.25, corruptedAlone: 0.5, novel: 0.6 } as const;

/**
 * Trains `task.training.steps` steps from these weights, with a pause after each. The same arguments give
 * the same bits.
 * @param round number of the round in its consortium: samples are drawn for it alone
 * @param seed the member's own
 * @param elapsed milliseconds of a clock that never goes back; measures, decides nothing
 * @throws ModelError NOT_FINITE, SHAPE_MISMATCH, VALUE_OUT_OF_RANGE as `localTraining`
 */
export function* localSteps(
  weights: Float32Array,
  site: SiteData,
  task: TrainTask,
  round: number,
  seed: number | string,
  elapsed: () => number,
  method: LocalMethod = { solver: task.training.solver ?? 'adam' },
): InSteps<LocalUpdate> {
  const begin = elapsed();
  const stream = seededStream('local-round', seed, round);
  const source = batches(site, task.training, stream);
  const trained = yield* localTraining(modelOf(task.model), weights, source, task.training, method);
  const delta = trained.weights.map((value, i) => value - (weights[i] ?? 0));
  return {
    weights: trained.weights,
    delta,
    steps: task.training.steps,
    loss: trained.loss,
    ms: elapsed() - begin,
  };
}

/** What a batch is made of. */
export type BatchShares = Pick<TrainTask['training'], 'corrupted' | 'corruptedAlone' | 'incidents' | 'novel'>;

/**
 * Batches of one site: own incidents (label 1), corrupted copies (1), benign rows (0), drawn with replacement. With
 * incidents there are fewer corrupted copies, because labels teach more than contrast. Where the task wants no contrast at a
 * member without incidents, that one shows what is ordinary, and others tell the model what is not; where it wants some and
 * the site has none, the site has nothing to tell apart: its rows weigh nothing and its update is zero. Shares that are more than a batch leave no room for benign rows.
 */
export function batches(site: SiteData, training: BatchShares, stream: SeededStream): BatchSource {
  const shares = { ...USUAL, ...training };
  const incidents = site.incidents.length > 0 ? shares.incidents : 0;
  const wanted = site.incidents.length > 0 ? shares.corrupted : shares.corruptedAlone;
  const malicious = incidents + (site.corrupted.length === 0 ? 0 : wanted);
  const nothing = malicious === 0 && wanted > 0;
  return (x, y, weight) => {
    const width = site.novel.width;
    weight.fill(nothing ? 0 : 1);
    for (let i = 0; i < y.length; i++) {
      const place = (i + 0.5) / y.length;
      y[i] = place < malicious ? 1 : 0;
      const from =
        place < incidents
          ? site.incidents
          : place < malicious
            ? site.corrupted
            : benign(site, shares.novel, stream);
      x.set(from.row(stream.nextBelow(from.length)), i * width);
    }
  };
}

function benign({ novel, familiar }: SiteData, share: number, stream: SeededStream): RowList {
  if (novel.length === 0) return familiar;
  if (familiar.length === 0) return novel;
  return stream.nextUnit() < share ? novel : familiar;
}
