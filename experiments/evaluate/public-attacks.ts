/** Attacks that anybody can have: those of a simulated world that is not the one evaluated. */
import { join } from 'node:path';
import type { SimulateOptions } from '../../datasets/simulator/options.ts';
import { simulate } from '../../datasets/simulator/simulate.ts';
import type { RowExtractor } from '../../participant/features/edge-v2.ts';
import { prepareFiles } from '../../participant/telemetry/prepare.ts';
import type { RowList } from '../../participant/train/rows.ts';
import { CordonError } from '../../protocol/errors.ts';
import { concatenate } from './baselines.ts';

/** The other world, and the one that must not be learnt from. */
export interface PublicWorld {
  readonly options: SimulateOptions;
  /** Seed of the world that is evaluated. */
  readonly evaluated: number;
  /** Where the other world is written; must be new or empty. */
  readonly directory: string;
  /** Makes the rows of an organisation of the other world; those of `edge-v1` where left out. */
  readonly extractorOf?: (organisation: string) => RowExtractor;
  readonly signal?: AbortSignal;
}

/**
 * Rows of every attack in the training time of the other world, of all tactics, labelled or not. Its test time is left
 * alone: attacks there are drawn from ranges that no training sees.
 * @throws CordonError USAGE where both worlds have one seed; what `simulate` and `prepareFiles` throw
 */
export async function publicAttacks(world: PublicWorld): Promise<RowList> {
  const { options, evaluated, directory, extractorOf, signal } = world;
  if (options.seed === evaluated) {
    throw new CordonError('USAGE', {
      expected: 'public attacks from another world than the one evaluated',
      got: `seed ${evaluated} for both`,
      next: 'choose another seed for the public attacks',
    });
  }
  const simulation = await simulate(options, directory, signal === undefined ? {} : { signal });
  const rows: RowList[] = [];
  for (const { name, log } of simulation.organisations) {
    signal?.throwIfAborted();
    const { site } = await prepareFiles({
      events: join(directory, name, log),
      // Rows of other organisations have no event in this one's log.
      incidents: join(directory, 'truth', 'redteam.txt'),
      trainUntil: 1000 * simulation.splitSeconds,
      seed: options.seed,
      rejectFile: null,
      // Simulated time is no calendar time: nothing is ahead of this clock.
      now: Number.MAX_SAFE_INTEGER,
      ...(extractorOf === undefined ? {} : { extractor: extractorOf(name) }),
    });
    rows.push(site.incidents);
  }
  return concatenate(rows);
}
