import { join } from 'node:path';
import { CordonError } from '../../protocol/errors.ts';
import { changeFile, readPeoplesFile } from './change-file.ts';
import { type Label, type Removal, type Teller, lineOf, makeRemoval } from './label.ts';
import { type Labels, MOST_BYTES, readLabels } from './label-text.ts';

/** Name of the label file in a participant's state folder. */
export const LABELS_FILE = 'labels.jsonl';
/** Whoever writes to it holds this, for a moment; the participant itself may be running. */
const LOCK = 'labels.lock';
/** Labels that may count at a time. */
export const MOST_LABELS = 100_000;

/** What became of labels that were given. */
export interface Added {
  readonly added: readonly Label[];
  /** Said before, word for word. */
  readonly known: number;
  /** Said before and taken back since; they were left out. */
  readonly removed: number;
}

/** The labels of a state folder; none where it has no label file. @throws CordonError ENCODING_INVALID */
export function labelsOf(state: string): Promise<Labels> {
  return labelsFrom(join(state, LABELS_FILE));
}

/** The labels of a label file, wherever it is; none where there is no such file. @throws CordonError ENCODING_INVALID */
export async function labelsFrom(path: string): Promise<Labels> {
  return readLabels((await readPeoplesFile({ path, mostBytes: MOST_BYTES })).toString('utf8'), path);
}

/**
 * Adds labels, all on disk before it returns. What is there already is not written again.
 * @param again whether those that were taken back are given again
 * @throws CordonError ENCODING_INVALID, VALUE_OUT_OF_RANGE where there would be too many; CryptoError STATE_IN_USE where
 *   another process does not stop writing
 */
export function addLabels(state: string, labels: Iterable<Label>, again: boolean): Promise<Added> {
  return change(state, ({ active, removed }) => {
    const added = new Map<string, Label>();
    let [known, left] = [0, 0];
    for (const label of labels) {
      if (active.has(label.id) || added.has(label.id)) known++;
      else if (removed.has(label.id) && !again) left++;
      else added.set(label.id, label);
      if (active.size + added.size > MOST_LABELS) throw tooMany(state);
    }
    const entries = [...added.values()];
    return { entries, result: { added: entries, known, removed: left } };
  });
}

/** Takes a label back; on disk before it returns. @throws CordonError NOT_FOUND, as `addLabels` */
export function removeLabel(state: string, id: string, teller: Teller): Promise<Label> {
  return change(state, ({ active, removed }) => {
    const label = active.get(id);
    if (label !== undefined) return { entries: [makeRemoval(id, teller)], result: label };
    throw new CordonError('NOT_FOUND', {
      expected: `the id of a label in ${join(state, LABELS_FILE)}`,
      got: removed.has(id) ? `${id}, which was removed before` : id,
      next: 'see cordon incident ls for those that are there',
    });
  });
}

/** What a change appends, and what its caller learns. */
interface Change<T> {
  readonly entries: readonly (Label | Removal)[];
  readonly result: T;
}

function change<T>(state: string, decide: (labels: Labels) => Change<T>): Promise<T> {
  const path = join(state, LABELS_FILE);
  return changeFile({ path, lock: LOCK, mostBytes: MOST_BYTES }, (bytes) => {
    const labels = readLabels(bytes.toString('utf8'), path);
    const { entries, result } = decide(labels);
    const kept = labels.tail === 'torn' ? bytes.lastIndexOf('\n') + 1 : bytes.length;
    const gap = labels.tail === 'open' && entries.length > 0 ? '\n' : '';
    const text = `${gap}${entries.map(lineOf).join('')}`;
    if (kept + Buffer.byteLength(text) > MOST_BYTES) throw tooMany(path);
    return { kept, text, result };
  });
}

function tooMany(place: string): CordonError {
  return new CordonError('VALUE_OUT_OF_RANGE', {
    expected: `at most ${MOST_LABELS} labels, and ${MOST_BYTES} bytes of them with those that were removed, in ${place}`,
    got: 'more',
    next: 'label intervals in place of single events, or leave out what is too old to teach anything',
  });
}
