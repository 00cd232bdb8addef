/** What the federation is compared with; each takes `rounds * steps` steps of training in all. */
import { trainSteps } from '../../models/detection/local-training.ts';
import { modelOf } from '../../models/detection/models.ts';
import { batches } from '../../participant/train/local-round.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import { RowList } from '../../participant/train/rows.ts';
import { seededStream } from '../../participant/train/seeded-stream.ts';
import type { TrainTask } from '../../protocol/task.ts';

/**
 * Weights of one organisation that trains by itself: by contrast, and by its incidents where it has any. A site that was
 * prepared without its incidents learns by contrast alone.
 */
export function trainLocalOnly(
  site: SiteData,
  task: TrainTask,
  seed: number | string = task.seed,
): Float32Array {
  const model = modelOf(task.model);
  const source = batches(site, task.training, seededStream('alone', seed));
  const steps = task.rounds * task.training.steps;
  const start = model.initialWeights(task.seed);
  const method = { solver: task.training.solver ?? 'adam' } as const;
  return trainSteps(model, start, source, { ...task.training, steps }, method).weights;
}

/** Weights from the rows of all organisations in one place, which is what the federation avoids. */
export function trainPooled(
  sites: readonly SiteData[],
  task: TrainTask,
  seed: number | string = task.seed,
): Float32Array {
  const [first] = sites;
  if (first === undefined) return modelOf(task.model).initialWeights(task.seed);
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
