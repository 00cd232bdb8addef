import { open } from 'node:fs/promises';
import { readDataset } from '../../datasets/open.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { MOST_LABELS, labelsFrom } from './label-book.ts';
import { labelOf } from './from-detection.ts';
import type { Label, Teller } from './label.ts';

/** What a file has of labels, and what of it is none. */
export interface Imported {
  readonly labels: readonly Label[];
  /** Detections that say what one before them said. */
  readonly repeated: number;
  /** Lines that no reader could take, and detections that name no event. */
  readonly rejects: number;
  /** Events that are no detections. */
  readonly ignored: number;
  /** Why the first of the rejects is one; null where there are none. */
  readonly firstReject: string | null;
}

const HEAD = Buffer.from('{"type":"label",');

/**
 * The labels of a file: another label file (those that count in it, as they are), or whatever a reader gives detections of
 * (LANL and OpTC red-team lists, findings in OCSF, tables of labelled flows).
 * @param campaign of detections
 * @throws CordonError as `readDataset`; ENCODING_INVALID for a damaged label file; DATA_INSUFFICIENT where there is none
 *   in it; VALUE_OUT_OF_RANGE where there are too many
 */
export async function readImport(path: string, campaign: string, teller: Teller): Promise<Imported> {
  const isLabels = await beginsAsLabels(path);
  const found = isLabels ? await ownLabels(path) : await detections(path, campaign, teller);
  if (found.labels.length > 0) return found;
  throw new CordonError('DATA_INSUFFICIENT', {
    expected: `at least one label or detection in ${path}`,
    got: isLabels
      ? 'a label file of which nothing counts any more'
      : `${found.ignored} events of other kinds, ${found.rejects} rejects`,
    next: 'see docs/guides/incidents.md for the formats that say what was malicious',
  });
}

async function beginsAsLabels(path: string): Promise<boolean> {
  try {
    await using file = await open(path, 'r');
    if (!(await file.stat()).isFile()) return false;
    const head = Buffer.alloc(HEAD.length);
    await file.read(head, 0, head.length, 0);
    return head.equals(HEAD);
  } catch (error) {
    throw toCordonError(error);
  }
}

async function ownLabels(path: string): Promise<Imported> {
  const { active } = await labelsFrom(path);
  return { labels: [...active.values()], repeated: 0, rejects: 0, ignored: 0, firstReject: null };
}

async function detections(path: string, campaign: string, teller: Teller): Promise<Imported> {
  const labels = new Map<string, Label>();
  let [nameless, ignored, repeated] = [0, 0, 0];
  let firstReject: string | null = null;
  const reading = readDataset(path);
  for await (const batch of reading) {
    for (const event of batch) {
      if (event.type !== 'detection') {
        ignored++;
        continue;
      }
      const label = labelOf(event, campaign, teller);
      if (label instanceof CordonError) {
        nameless++;
        firstReject ??= `record ${event.source.record}: ${label.got}`;
      } else if (labels.has(label.id)) repeated++;
      else labels.set(label.id, label);
    }
    if (labels.size > MOST_LABELS) throw tooMany(path);
  }
  const [line] = reading.stats.rejectList;
  if (line !== undefined) firstReject ??= `line ${line.line}: ${line.reason}`;
  const rejects = nameless + reading.stats.rejects;
  return { labels: [...labels.values()], repeated, rejects, ignored, firstReject };
}

function tooMany(path: string): CordonError {
  return new CordonError('VALUE_OUT_OF_RANGE', {
    expected: `at most ${MOST_LABELS} labels in ${path}`,
    got: 'more',
    next: 'label intervals in place of single events, or import a part of the file',
  });
}
