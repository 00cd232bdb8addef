import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '../../datasets/open.ts';
import { CordonError } from '../../protocol/errors.ts';
import { labelOf } from '../labels/from-detection.ts';
import { LABELS_FILE, labelsOf } from '../labels/label-book.ts';
import type { Label } from '../labels/label.ts';
import { type Incident, IncidentIndex } from '../train/incidents.ts';

const FROM_FILE = { by: 'telemetry.incidents', at: 0 };

/** Where a site's incidents stand; either may be missing. */
export interface IncidentFiles {
  /** Detections by time, account, source and destination, in any format that a reader knows; null for none. */
  readonly incidents: string | null;
  /** The participant's state folder, whose labels count too. */
  readonly state?: string;
}

/**
 * Incidents that this organisation's analysts confirmed, as they are now. A detection that lacks a name means any; one
 * without any name means nothing.
 * @throws CordonError as `readDataset`; ENCODING_INVALID for a damaged label file
 */
export async function openIncidents(files: IncidentFiles): Promise<IncidentIndex> {
  return (await IncidentSource.open(files)).index;
}

/** The same, and what is labelled while a process runs; the file of incidents is read once. */
export class IncidentSource {
  /** As it was read last. */
  index: IncidentIndex;
  readonly #detected: Detected;
  readonly #state: string | null;
  #version: string | null;

  private constructor(
    detected: Detected,
    state: string | null,
    labels: Iterable<Label>,
    version: string | null,
  ) {
    this.#detected = detected;
    this.#state = state;
    this.#version = version;
    this.index = new IncidentIndex(detected.rows, [...detected.labels, ...labels]);
  }

  /** @throws CordonError as `openIncidents` */
  static async open({ incidents, ...files }: IncidentFiles): Promise<IncidentSource> {
    const state = files.state ?? null;
    const version = versionOf(state);
    const labels = state === null ? [] : (await labelsOf(state)).active.values();
    return new IncidentSource(await detectedIn(incidents), state, labels, version);
  }

  /**
   * The index where the label file is another one than before, else null.
   * @throws CordonError ENCODING_INVALID where it is damaged, once; the index then stays as it was
   */
  async changed(): Promise<IncidentIndex | null> {
    const version = versionOf(this.#state);
    if (this.#state === null || version === this.#version) return null;
    this.#version = version;
    const labels = (await labelsOf(this.#state)).active.values();
    this.index = new IncidentIndex(this.#detected.rows, [...this.#detected.labels, ...labels]);
    return this.index;
  }
}

/** When and how large the label file was written last; read before the file is, so that no later line is missed. */
function versionOf(state: string | null): string | null {
  if (state === null) return null;
  const found = statSync(join(state, LABELS_FILE), { throwIfNoEntry: false, bigint: true });
  return found === undefined ? null : `${found.ino} ${found.size} ${found.mtimeNs}`;
}

interface Detected {
  readonly rows: readonly Incident[];
  /** Of detections that lack a name. */
  readonly labels: readonly Label[];
}

async function detectedIn(path: string | null): Promise<Detected> {
  const rows: Incident[] = [];
  const labels: Label[] = [];
  if (path === null) return { rows, labels };
  for await (const batch of readDataset(path)) {
    for (const event of batch) {
      if (event.type !== 'detection') continue;
      const { time, account, srcHost, dstHost, technique } = event;
      const campaign = technique === '' ? 'incident' : technique;
      const isWhole = account !== '' && srcHost !== '' && dstHost !== '';
      if (isWhole) rows.push({ time, account, srcHost, dstHost, campaign });
      const label = isWhole ? null : labelOf(event, campaign, FROM_FILE);
      if (label !== null && !(label instanceof CordonError)) labels.push(label);
    }
  }
  return { rows, labels };
}
