import { fits } from '../../protocol/codec/codec.ts';
import { describeFault, kindOf } from '../../protocol/codec/fault.ts';
import { CordonError } from '../../protocol/errors.ts';
import { Label, MOST_LINE, Removal, labelProblem } from './label.ts';

/** Largest label file; bytes. */
export const MOST_BYTES = 64 * 1024 * 1024;

/** What stands in a label file. */
export interface Labels {
  /** Those that count, in the order in which they were given. */
  readonly active: ReadonlyMap<string, Label>;
  /** Ids of those that were taken back and not given again. */
  readonly removed: ReadonlySet<string>;
  /** Of the last line: whether it has its end, counts without one, or is what a crash has left and never counted. */
  readonly tail: 'ended' | 'open' | 'torn';
}

/**
 * The labels of a file's text. A last line without an end counts where it is a label all the same; where it is none, it is
 * what a crash has left of a write that nobody was told of, and is passed over.
 * @param file its name, for errors
 * @throws CordonError ENCODING_INVALID naming the first line that is damaged
 */
export function readLabels(text: string, file: string): Labels {
  const active = new Map<string, Label>();
  const removed = new Set<string>();
  let at = 0;
  for (let number = 1; at < text.length; number++) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end < 0 ? undefined : end);
    const problem = line.trim() === '' ? null : take(line, active, removed);
    if (end < 0) return { active, removed, tail: problem === null ? 'open' : 'torn' };
    if (problem !== null) throw damaged(file, number, problem);
    at = end + 1;
  }
  return { active, removed, tail: 'ended' };
}

/** Takes one line in; returns why it cannot be, or null. */
function take(line: string, active: Map<string, Label>, removed: Set<string>): string | null {
  if (line.length > MOST_LINE) return `${line.length} letters`;
  const entry = parse(line);
  if (entry === undefined) return 'text that is not JSON';
  if (fits(Removal, entry)) {
    if (!active.delete(entry.id)) return 'the removal of a label that is not there';
    removed.add(entry.id);
    return null;
  }
  if (!fits(Label, entry)) {
    const { expected, got } = describeFault(Label, entry, { what: 'label', show: kindOf });
    return `${got} in place of ${expected}`;
  }
  const problem = labelProblem(entry);
  if (problem !== null) return problem;
  if (active.has(entry.id)) return 'a label that is there already';
  active.set(entry.id, entry);
  removed.delete(entry.id);
  return null;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function damaged(file: string, line: number, problem: string): CordonError {
  return new CordonError('ENCODING_INVALID', {
    expected: `a label or its removal in line ${line} of ${file}, as cordon incident writes it`,
    got: problem,
    next: 'restore the file from a backup, or take that line out; labels are changed by cordon incident alone',
  });
}
