/** One member's share of a round: a few steps of training from the global weights, on its own data alone. */
import { trainingSteps, type BatchSource } from '../../models/detection/edge-scorer.ts';
import type { InSteps } from '../../models/in-steps.ts';
import { edgeScorer } from '../../models/detection/feature-sets.ts';
import type { SeededStream } from '../../models/seeded-stream.ts';
import type { TrainTask } from '../../protocol/task.ts';
import type { SiteData } from './site-data.ts';
import type { RowList } from './rows.ts';
import { seededStream } from './seeded-stream.ts';

/** What one member's training changed; `delta` is as long as the model and leaves the site only clipped and encrypted. */
export interface LocalUpdate {
  /** New weights minus global weights. */
  readonly delta: Float32Array;
  readonly steps: number;
  /** Mean loss over the steps. */
  readonly loss: number;
  /** Milliseconds that training took. */
  readonly ms: number;
}

/** Share of own incidents in a batch where there are any. */
const INCIDENTS = 0.25;
/** Share of corrupted copies where there are none. */
const CORRUPTED_ALONE = 0.5;
/** Share of the benign rows with something new: alerts are decided among these. */
const NOVEL = 0.6;

/**
 * Trains `task.training.steps` steps from the global weights, with a pause after each. The same arguments give
 * the same bits.
 * @param round number of the round in its consortium: samples are drawn for it alone
 * @param seed the member's own
 * @param elapsed milliseconds of a clock that never goes back; measures, decides nothing
 * @throws ModelError NOT_FINITE, SHAPE_MISMATCH, VALUE_OUT_OF_RANGE as `trainSteps`
 */
export function* localSteps(
  weights: Float32Array,
  site: SiteData,
  task: TrainTask,
  round: number,
  seed: number | string,
  elapsed: () => number,
): InSteps<LocalUpdate> {
  const begin = elapsed();
  const stream = seededStream('local-round', seed, round);
  const source = batches(site, task.training.corrupted, stream);
  const trained = yield* trainingSteps(edgeScorer(task.model), weights, source, task.training);
  const delta = trained.weights.map((value, i) => value - (weights[i] ?? 0));
  return { delta, steps: task.training.steps, loss: trained.loss, ms: elapsed() - begin };
}

/**
 * Batches of one site: own incidents (label 1), corrupted copies (1), benign rows (0), drawn with replacement. Without
 * incidents half of a batch is corrupted; with them `corrupted` of it, because labels teach more than contrast. A site
 * with neither has nothing to tell apart: its rows weigh nothing and its update is zero.
 */
export function batches(site: SiteData, corrupted: number, stream: SeededStream): BatchSource {
  const incidents = site.incidents.length > 0 ? INCIDENTS : 0;
  const contrast = site.corrupted.length === 0 ? 0 : incidents > 0 ? corrupted : CORRUPTED_ALONE;
  return (x, y, weight) => {
    const width = site.novel.width;
    weight.fill(incidents + contrast > 0 ? 1 : 0);
    for (let i = 0; i < y.length; i++) {
      const place = (i + 0.5) / y.length;
      const malicious = place < incidents + contrast;
      y[i] = malicious ? 1 : 0;
      const from = malicious ? (place < incidents ? site.incidents : site.corrupted) : benign(site, stream);
      x.set(from.row(stream.nextBelow(from.length)), i * width);
    }
  };
}

function benign({ novel, familiar }: SiteData, stream: SeededStream): RowList {
  if (novel.length === 0) return familiar;
  if (familiar.length === 0) return novel;
  return stream.nextUnit() < NOVEL ? novel : familiar;
}
