/** What the federation is compared with; each takes `rounds * steps` steps of training in all. */
import { initialWeights, trainSteps } from '../../models/detection/edge-scorer.ts';
import { edgeScorer } from '../../models/detection/feature-sets.ts';
import { isFamiliar } from '../../participant/train/corrupt.ts';
import { batches } from '../../participant/train/local-round.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import { RowList } from '../../participant/train/rows.ts';
import { seededStream } from '../../participant/train/seeded-stream.ts';
import type { TrainTask } from '../../protocol/task.ts';

/** Weights of one organisation that trains by itself: with its own labels, or with what it is given here. */
export function trainLocalOnly(
  site: SiteData,
  task: TrainTask,
  seed: number | string = task.seed,
): Float32Array {
  const architecture = edgeScorer(task.model);
  const source = batches(site, task.training.corrupted, seededStream('alone', seed));
  const steps = task.rounds * task.training.steps;
  const start = initialWeights(architecture, task.seed);
  return trainSteps(architecture, start, source, { ...task.training, steps }).weights;
}

/** Weights from the rows of all organisations in one place, which is what the federation avoids. */
export function trainPooled(
  sites: readonly SiteData[],
  task: TrainTask,
  seed: number | string = task.seed,
): Float32Array {
  const [first] = sites;
  if (first === undefined) return initialWeights(edgeScorer(task.model), task.seed);
  const all = (list: (site: SiteData) => RowList): RowList => concatenate(sites.map(list));
  const pooled: SiteData = {
    ...first,
    familiar: all((site) => site.familiar),
    novel: all((site) => site.novel),
    corrupted: all((site) => site.corrupted),
    incidents: all((site) => site.incidents),
  };
  return trainLocalOnly(pooled, task, seed);
}

/**
 * The site as it would be if nobody had labelled anything: it learns from contrast alone, and what were incidents are
 * benign rows among the others. What the labels kept out of its validation events stays out.
 */
export function withoutLabels(site: SiteData): SiteData {
  const { familiar, novel, incidents } = site;
  const of = (known: boolean): RowList => pick(incidents, (row) => isFamiliar(row) === known);
  return {
    ...site,
    familiar: concatenate([familiar, of(true)]),
    novel: concatenate([novel, of(false)]),
    incidents: new RowList(incidents.width),
  };
}

/** The site with attacks from outside beside its own incidents, for example those of a public simulation. */
export function withAttacks(site: SiteData, attacks: RowList): SiteData {
  return { ...site, incidents: concatenate([site.incidents, attacks]) };
}

/** All rows of lists of one width. */
export function concatenate(lists: readonly RowList[]): RowList {
  const joined = new RowList(lists[0]?.width ?? 1);
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) joined.add(list.row(i));
  }
  return joined;
}

function pick(list: RowList, wanted: (row: Float32Array) => boolean): RowList {
  const picked = new RowList(list.width);
  for (let i = 0; i < list.length; i++) if (wanted(list.row(i))) picked.add(list.row(i));
  return picked;
}
