import { readLanes } from '../../../participant/telemetry/read-lanes.ts';
import { SitePipeline } from '../../../participant/telemetry/site-pipeline.ts';
import { FeatureExtractor } from '../../../participant/features/extractor.ts';
import { TwinGraph } from '../../../participant/twin/twin-graph.ts';

/**
 * A log through everything that a participant does with it: reading, merging by event time, names, twin, features.
 * @param onEvents told how many authentications have passed, after each
 * @returns authentications
 */
export async function wholeChain(path: string, onEvents?: (events: number) => void): Promise<number> {
  const twin = new TwinGraph();
  const features = new FeatureExtractor();
  let events = 0;
  const pipeline = new SitePipeline({
    twin,
    learner: {
      add: (event) => {
        features.push(event);
        onEvents?.(++events);
      },
    },
  });
  // No event is in the future of the end of all time: a log need not be of the present.
  await readLanes(path, (item) => pipeline.take(item), { now: Number.MAX_SAFE_INTEGER });
  return pipeline.counts.events.auth;
}
