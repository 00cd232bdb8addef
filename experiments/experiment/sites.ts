import { setImmediate } from 'node:timers/promises';
import { SeededStream } from '../../models/seeded-stream.ts';
import { AnswerBook } from '../../participant/analytics/answer-book.ts';
import { PeriodCounts } from '../../participant/analytics/period-counts.ts';
import type { StoredAnswer } from '../../participant/analytics/stored-answer.ts';
import { FederatedExtractor } from '../../participant/features/edge-v2.ts';
import { type DrawableGraph, drawableGraph } from '../../participant/graph/graph-batches.ts';
import { GraphBuilder } from '../../participant/graph/graph-builder.ts';
import { openIncidents } from '../../participant/telemetry/load-incidents.ts';
import { type SiteFiles as PreparedFiles, prepareFiles } from '../../participant/telemetry/prepare.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import { SIMULATED_KEY, plainAnswers } from '../analytics/plain-answers.ts';
import { memberSeed } from '../demo/member-seed.ts';
import type { SiteFiles } from '../demo/workspace.ts';
import { type Counting, type Variant, countingTask } from './experiment.ts';
import { variantFiles } from './special-files.ts';
import type { TrackMembers } from './tracks.ts';
import type { World } from './world.ts';

/** All members' prepared data, and the answers that their rows were made with. */
export interface PreparedSites {
  readonly sites: ReadonlyMap<string, SiteData>;
  /** By member; empty where each has its own features alone. */
  readonly answers: ReadonlyMap<string, readonly StoredAnswer[]>;
  /** What each was read from. */
  readonly files: ReadonlyMap<string, SiteFiles>;
  /** By seconds of a window, then by member; of the windows that were asked for. */
  readonly graphs: ReadonlyMap<number, ReadonlyMap<string, DrawableGraph>>;
}

/** Members' counts by the logs that they were read from. They depend on nothing else. */
export type Counted = Map<string, ReadonlyMap<string, PeriodCounts>>;

interface Preparing {
  readonly tracks: ReadonlyMap<string, TrackMembers>;
  /** Seconds of the windows that graphs are wanted of; none where left out. */
  readonly windows?: readonly number[];
  /** What has been counted in a seed's logs so far, which later variants need not count again. */
  readonly counted?: Counted;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Reads every member's logs as its participant does, with the same seed, so that the same samples are drawn. The answers
 * of the members' counts come from the functions of the federation without its encryption, whose sums are exact.
 */
export async function prepareSites(
  world: World,
  variant: Variant,
  days: number,
  seed: number,
  { tracks, windows = [], counted, say, signal }: Preparing,
): Promise<PreparedSites> {
  const { counting } = variant;
  const files = await variantFiles(world, variant, tracks, seed);
  const read = async (what: string, reading: (member: string) => Reading) => {
    const sites = new Map<string, SiteData>();
    for (const [place, member] of world.members.entries()) {
      await setImmediate();
      signal.throwIfAborted();
      const given = files.get(member);
      if (given === undefined) continue;
      say(`${what}: ${place + 1} of ${world.members.length} members`);
      const { site } = await prepareFiles({
        ...given,
        ...reading(member),
        seed: memberSeed(seed, member),
        rejectFile: null,
        now: Number.MAX_SAFE_INTEGER,
      });
      sites.set(member, site);
    }
    return sites;
  };
  const builders = await graphBuilders(files, windows);
  const watched = (member: string): Reading => ({
    onEvent: (event, fresh) => {
      for (const builder of builders.get(member)?.values() ?? []) builder.add(event, fresh);
    },
  });
  const graphsNow = () =>
    new Map(
      windows.map((seconds) => [
        seconds,
        new Map(
          [...builders].flatMap(([member, those]) => {
            const builder = those.get(seconds);
            return builder === undefined ? [] : [[member, drawableGraph(builder.graph())] as const];
          }),
        ),
      ]),
    );
  const logs = [...files.values()].map(({ events }) => events).join('\n');
  const known = counted?.get(logs);
  const counts = new Map<string, PeriodCounts>();
  const counter = (member: string): Reading => {
    const periods = new PeriodCounts();
    counts.set(member, periods);
    return { onEvent: periods.add.bind(periods) };
  };
  if (counting === null) {
    const isAsked = counted !== undefined && known === undefined;
    const sites = await read('Reading logs', (member) =>
      isAsked ? both(watched(member), counter(member)) : watched(member),
    );
    if (isAsked) counted.set(logs, counts);
    return { sites, answers: new Map(), files, graphs: graphsNow() };
  }
  if (known === undefined) {
    await read('Counting', counter);
    counted?.set(logs, counts);
  }
  const answers = answersOf(counting, days, known ?? counts, seed);
  const sites = await read('Reading logs', (member) => ({
    ...watched(member),
    extractor: new FederatedExtractor(new AnswerBook(() => SIMULATED_KEY, answers.get(member))),
  }));
  return { sites, answers, files, graphs: graphsNow() };
}

type Reading = Pick<PreparedFiles, 'extractor' | 'onEvent'>;

function both(a: Reading, b: Reading): Reading {
  return {
    onEvent: (event, fresh) => {
      a.onEvent?.(event, fresh);
      b.onEvent?.(event, fresh);
    },
  };
}

/** By member and seconds of a window. */
async function graphBuilders(
  files: ReadonlyMap<string, SiteFiles>,
  windows: readonly number[],
): Promise<ReadonlyMap<string, ReadonlyMap<number, GraphBuilder>>> {
  const builders = new Map<string, ReadonlyMap<number, GraphBuilder>>();
  for (const [member, given] of windows.length > 0 ? files : []) {
    const labels = await openIncidents(given);
    const { trainUntil } = given;
    builders.set(
      member,
      new Map(
        windows.map((seconds) => [
          seconds,
          new GraphBuilder(labels, { trainUntil, windowMs: 1000 * seconds }),
        ]),
      ),
    );
  }
  return builders;
}

function answersOf(
  counting: Counting,
  days: number,
  counts: ReadonlyMap<string, PeriodCounts>,
  seed: number,
) {
  const stream = SeededStream.fromNumber(seed);
  return plainAnswers(countingTask(counting, days), counts, (length) => {
    const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => stream.nextUint32());
    return new Uint8Array(words.buffer, 0, length);
  });
}
