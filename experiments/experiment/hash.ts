import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SIMULATOR_VERSION } from '../../datasets/simulator/simulation.ts';
import { type Experiment, type ExperimentData, type RunMethod, hasBackdoor } from './experiment.ts';

/** JSON with the keys of every object in order: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(',')}}`;
}

/** SHA-256 in 64 hexadecimal digits. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

const KERNELS = new URL('../../models/kernels/kernels.wasm', import.meta.url);

/** What of the software decides figures and has a number of its own. */
export function softwareVersions(): { readonly simulator: number; readonly kernels: string } {
  const kernels = createHash('sha256').update(readFileSync(KERNELS)).digest('hex');
  return { simulator: SIMULATOR_VERSION, kernels };
}

/** Identity of what one method does in a world of any seed; its name, which says nothing, is not part of it. */
export function methodHash(
  experiment: Pick<Experiment, 'data' | 'tracks' | 'methods' | 'recordings'>,
  method: RunMethod,
): string {
  const { data, tracks, recordings } = experiment;
  // A result has figures of every track, and with the trigger where any method has a backdoor.
  const figures = { tracks, triggered: hasBackdoor(experiment), recordings: withoutPaths(recordings) };
  return hashOf({
    data: identityOf(data),
    method: settingsOf(method),
    figures,
    versions: softwareVersions(),
  });
}

/** Without its name, and where and for how long a program is run. */
function settingsOf({ name: _, ...method }: RunMethod): unknown {
  if (method.kind !== 'program') return method;
  const { folder: _folder, seconds: _seconds, keep: _keep, ...settings } = method;
  return settings;
}

/** Identity of the logs that a seed stands for. */
export function dataHash(data: ExperimentData): string {
  return hashOf({ data: identityOf(data), simulator: SIMULATOR_VERSION });
}

/** Of recordings what they are, and not where: sizes of files, and the day that divides them. */
function identityOf(data: ExperimentData): unknown {
  return data.kind === 'simulator' ? data : withoutPaths(data);
}

function withoutPaths(content: unknown): unknown {
  return JSON.parse(JSON.stringify(content, (key, value: unknown) => (key === 'path' ? undefined : value)));
}
