import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORARY_SUFFIX } from '../../crypto/identity/durable-file.ts';
import { makeFolder } from '../../crypto/identity/make-folder.ts';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { namesIn } from '../../crypto/identity/small-read.ts';
import { type CordonError, toCordonError } from '../../protocol/errors.ts';
import { MODEL_SUFFIX, type Model, isModelFile, readVersion, writeModel } from './model-file.ts';
import { type ModelVersion, type VersionFacts, versionOf } from './model-version.ts';

/** Folder of the versions in a participant's state folder. */
export const MODELS_FOLDER = 'models';

/** How many versions a participant keeps, and how many bytes of weights; of the newest one always. */
export interface KeptVersions {
  readonly versions: number;
  readonly bytes: number;
}
const KEPT: KeptVersions = { versions: 64, bytes: 1024 * 1024 * 1024 };

/** A version and the file that it is in. */
export interface StoredVersion {
  readonly path: string;
  readonly version: ModelVersion;
}

/** The versions of models that a participant keeps, a file each, whole or not at all. */
export class VersionStore {
  readonly #folder: string;
  readonly #kept: KeptVersions;

  /** @param state the participant's folder */
  constructor(state: string, kept: KeptVersions = KEPT) {
    this.#folder = join(state, MODELS_FOLDER);
    this.#kept = kept;
  }

  /**
   * Keeps what a run has left, on disk before it returns, and then forgets the oldest versions that there is no room for.
   * A run that is kept twice is kept once. Files that are damaged are passed over and stay.
   * @throws CordonError VALUE_OUT_OF_RANGE as `writeModel`; errors of the file system
   */
  async keep(facts: Omit<VersionFacts, 'previous'>, weights: Float32Array): Promise<ModelVersion> {
    await makeFolder(this.#folder);
    for (const name of namesIn(this.#folder)) {
      if (name.endsWith(TEMPORARY_SUFFIX)) await rm(join(this.#folder, name), { force: true });
    }
    const run = runOf(facts);
    const there = (await versionsIn(this.#folder)).stored.filter(({ version }) => runOf(version) !== run);
    const previous = there.at(-1)?.version.id ?? null;
    const version = versionOf(nodePrimitives, { ...facts, previous });
    await writeModel(join(this.#folder, `${version.id}${MODEL_SUFFIX}`), { version, weights });
    await this.#forget(there, facts.parameters);
    return version;
  }

  /** Takes a model that was read in; false where it is there already. */
  async add(model: Model): Promise<boolean> {
    const path = join(this.#folder, `${model.version.id}${MODEL_SUFFIX}`);
    if (await isModelFile(path)) return false;
    await makeFolder(this.#folder);
    await writeModel(path, model);
    return true;
  }

  async #forget(older: readonly StoredVersion[], newest: number): Promise<void> {
    let bytes = 4 * newest;
    for (const [place, { path, version }] of older.toReversed().entries()) {
      bytes += 4 * version.parameters;
      if (place + 1 >= this.#kept.versions || bytes > this.#kept.bytes) await rm(path, { force: true });
    }
  }
}

function runOf({ origin }: Pick<VersionFacts, 'origin'>): string | null {
  return origin.kind === 'federation' ? origin.run : null;
}

/** What a folder has of model files: those that can be read, the oldest first, and why the others cannot. */
export interface FoundVersions {
  readonly stored: readonly StoredVersion[];
  readonly damaged: readonly CordonError[];
}

/** Model files that lie in a folder itself; none where there is no such folder. */
export async function versionsIn(folder: string): Promise<FoundVersions> {
  const stored: StoredVersion[] = [];
  const damaged: CordonError[] = [];
  for (const name of namesIn(folder).toSorted()) {
    if (!name.endsWith(MODEL_SUFFIX)) continue;
    const path = join(folder, name);
    try {
      stored.push({ path, version: await readVersion(path) });
    } catch (error) {
      damaged.push(toCordonError(error));
    }
  }
  return { stored: stored.sort(byAge), damaged };
}

/** By when their runs ended; those of experiments, which happened at no time, first. */
function byAge({ version: a }: StoredVersion, { version: b }: StoredVersion): number {
  const [x, y] = [endOf(a), endOf(b)];
  if (x.time !== y.time) return x.time - y.time;
  if (x.index !== y.index) return x.index - y.index;
  return a.id < b.id ? -1 : 1;
}

function endOf({ origin }: ModelVersion): { readonly time: number; readonly index: number } {
  return origin.kind === 'federation' ? origin.ended : { time: -1, index: -1 };
}
