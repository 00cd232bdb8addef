import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { totalBytes } from './recorded/total-bytes.ts';
import type { Scenario } from '../../datasets/simulator/scenario/schema.ts';
import { checkOptions } from '../../datasets/simulator/options.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import type { ExperimentData, GivenRecordings } from './experiment.ts';
import { invalid } from './invalid.ts';
import type { GivenFile, HostPartition, RecordedData } from './recorded/recorded-data.ts';
import type { ExperimentFile } from './schema.ts';

type GivenData = ExperimentFile['data'];
type GivenPartition = NonNullable<GivenData['lanl2015']>['partition'];

interface Reading {
  /** The file, for errors. */
  readonly what: string;
  /** Where paths begin. */
  readonly base: string;
  readonly scenariosOf: (names: readonly string[]) => Promise<Scenario[]>;
}

/**
 * The data that an experiment is about.
 * @throws CordonError CONFIG_INVALID; DATA_NOT_FOUND for files that are not there
 */
export async function dataOf(given: GivenData, reading: Reading): Promise<ExperimentData> {
  const { what } = reading;
  const kinds = (['simulator', 'lanl2015', 'optc'] as const).filter((kind) => given[kind] !== undefined);
  if (kinds.length !== 1) {
    throw invalid(
      `one of simulator, lanl2015 and optc in data of the ${what}`,
      kinds.join(' and ') || 'none',
    );
  }
  if (given.simulator !== undefined) return simulated(given.simulator, reading);
  if (given.lanl2015 !== undefined) return lanl(given.lanl2015, reading);
  return optc(given.optc as NonNullable<GivenData['optc']>, reading);
}

async function simulated(
  given: NonNullable<GivenData['simulator']>,
  { what, scenariosOf }: Reading,
): Promise<ExperimentData> {
  const { scenarios = ['six-tactics'], ...size } = given;
  const data = { kind: 'simulator' as const, ...size, scenarios: await scenariosOf(scenarios) };
  try {
    checkOptions({ ...size, scenarios: data.scenarios, seed: 0 });
  } catch (cause) {
    const { expected, got } = toCordonError(cause);
    throw invalid(`data.simulator in the ${what}: ${expected}`, got);
  }
  return data;
}

async function lanl(
  { auth, redteam, days, trainDays, partition }: NonNullable<GivenData['lanl2015']>,
  reading: Reading,
): Promise<RecordedData> {
  if (trainDays >= days) {
    throw invalid(
      `trainDays of less than ${days} in data.lanl2015 of the ${reading.what}`,
      String(trainDays),
    );
  }
  return {
    kind: 'lanl2015',
    title: `LANL 2015, ${days} days, of which ${trainDays} train`,
    events: await given(auth, 'auth.txt.gz of lanl2015', reading),
    redteam: await given(redteam, 'redteam.txt.gz of lanl2015', reading),
    partition: await partitionOf(partition, reading),
    trainUntil: trainDays * DAY_MS,
    until: days * DAY_MS,
  };
}

async function optc(
  { ecar, redteam, trainUntil, until, partition }: NonNullable<GivenData['optc']>,
  reading: Reading,
): Promise<RecordedData> {
  const [from, to] = [Date.parse(trainUntil), Date.parse(until)];
  if (!(from < to)) {
    throw invalid(
      `trainUntil before until in data.optc of the ${reading.what}`,
      `${trainUntil} and ${until}`,
    );
  }
  return {
    kind: 'optc',
    title: `OpTC, until ${trainUntil} training, test until ${until}`,
    events: await given(ecar, 'host events (eCAR) of optc', reading),
    redteam: await given(redteam, 'optc_redteam.csv of optc', reading),
    partition: await partitionOf(partition, reading),
    trainUntil: from,
    until: to,
  };
}

async function partitionOf(
  { balanced, blocks, side, addresses }: GivenPartition,
  reading: Reading,
): Promise<HostPartition> {
  if ((balanced === undefined) === (blocks === undefined)) {
    throw invalid(
      `one of balanced and blocks in partition of the ${reading.what}`,
      balanced === undefined ? 'none' : 'both',
    );
  }
  if (blocks === undefined) {
    const useless = side ?? addresses;
    if (useless !== undefined)
      throw invalid(`side and addresses beside blocks in the ${reading.what}`, useless);
    return { kind: 'balanced', members: balanced ?? 0 };
  }
  return {
    kind: 'blocks',
    blocks: await given(blocks, 'the block model of the hosts', reading),
    side: side ?? 'bottom',
    addresses: addresses === undefined ? null : await given(addresses, 'the names of addresses', reading),
  };
}

/** Folders of recordings. @throws CordonError DATA_NOT_FOUND */
export async function recordingsOf(
  folders: ExperimentFile['recordings'],
  reading: Pick<Reading, 'what' | 'base'>,
): Promise<GivenRecordings | null> {
  if (folders === undefined) return null;
  const { mordor, evtx } = folders;
  return {
    ...(mordor !== undefined && { mordor: await given(mordor, 'recordings of mordor', reading) }),
    ...(evtx !== undefined && { evtx: await given(evtx, 'recordings of evtx', reading) }),
  };
}

async function given(
  path: string,
  which: string,
  { what, base }: Pick<Reading, 'what' | 'base'>,
): Promise<GivenFile> {
  const full = resolve(base, path);
  try {
    const found = await stat(full);
    return { path: full, isFile: found.isFile(), bytes: await totalBytes(full) };
  } catch (cause) {
    const { code, got } = toCordonError(cause);
    throw new CordonError(
      code,
      {
        expected: `${which} at ${full}, as the ${what} says`,
        got,
        next: 'get the file (cordon datasets ls says where it comes from) and write its path into a copy of the configuration',
      },
      { cause },
    );
  }
}
