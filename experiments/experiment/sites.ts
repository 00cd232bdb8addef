import { setImmediate } from 'node:timers/promises';
import { SeededStream } from '../../models/seeded-stream.ts';
import { AnswerBook } from '../../participant/analytics/answer-book.ts';
import { PeriodCounts } from '../../participant/analytics/period-counts.ts';
import type { StoredAnswer } from '../../participant/analytics/stored-answer.ts';
import { FederatedExtractor } from '../../participant/features/edge-v2.ts';
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
}

interface Preparing {
  readonly tracks: ReadonlyMap<string, TrackMembers>;
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
  { tracks, say, signal }: Preparing,
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
  if (counting === null) return { sites: await read('Reading logs', () => ({})), answers: new Map(), files };
  const counts = new Map<string, PeriodCounts>();
  await read('Counting', (member) => {
    const periods = new PeriodCounts();
    counts.set(member, periods);
    return { onEvent: periods.add.bind(periods) };
  });
  const answers = answersOf(counting, days, counts, seed);
  const sites = await read('Reading logs', (member) => ({
    extractor: new FederatedExtractor(new AnswerBook(() => SIMULATED_KEY, answers.get(member))),
  }));
  return { sites, answers, files };
}

type Reading = Pick<PreparedFiles, 'extractor' | 'onEvent'>;

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
