import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fits } from '../../protocol/codec/codec.ts';
import { CordonError } from '../../protocol/errors.ts';
import { changeFile, readPeoplesFile } from '../labels/change-file.ts';
import type { Teller } from '../labels/label.ts';
import { type Meant, SpanIndex } from '../labels/span-index.ts';
import { Lift, Suppression, namesSomething } from './suppression.ts';

/** Name of the file in a participant's state folder. */
export const SUPPRESSIONS_FILE = 'suppressions.jsonl';
const LOCK = 'suppressions.lock';
const MOST_BYTES = 16 * 1024 * 1024;
/** Rules that may count at a time. */
const MOST_RULES = 10_000;

type Active = ReadonlyMap<string, Suppression>;

/** The rules of a state folder that were not lifted, those that are over included. @throws CordonError ENCODING_INVALID */
export async function suppressionsOf(state: string): Promise<Active> {
  const path = join(state, SUPPRESSIONS_FILE);
  return parse(await readPeoplesFile({ path, mostBytes: MOST_BYTES }), path).active;
}

/** Adds a rule; false where it is there already. On disk before it returns. @throws CordonError as `changeFile` */
export function addSuppression(state: string, rule: Suppression): Promise<boolean> {
  return change(state, (active) => {
    if (active.has(rule.id)) return { entries: [], result: false };
    if (active.size >= MOST_RULES) throw tooMany(state);
    return { entries: [rule], result: true };
  });
}

/** Lifts a rule; on disk before it returns. @throws CordonError NOT_FOUND, as `changeFile` */
export function liftSuppression(state: string, id: string, { by, at }: Teller): Promise<Suppression> {
  return change(state, (active) => {
    const rule = active.get(id);
    if (rule === undefined) {
      throw new CordonError('NOT_FOUND', {
        expected: `the id of a suppression in ${join(state, SUPPRESSIONS_FILE)}`,
        got: id,
        next: 'see cordon alert suppressions for those that are there',
      });
    }
    const lift: Lift = { type: 'lift', id, by, at };
    return { entries: [lift], result: rule };
  });
}

/** Rules as a participant goes by them while commands change them. */
export class Suppressions {
  readonly #path: string;
  #version: string | null = null;
  #index = new SpanIndex([]);

  /** @param state the participant's folder */
  constructor(state: string) {
    this.#path = join(state, SUPPRESSIONS_FILE);
  }

  /** Id of a rule that an event falls under, or null. */
  find(event: Meant): string | null {
    return this.#index.find(event)?.id ?? null;
  }

  /** Takes up what has changed. @throws CordonError ENCODING_INVALID, once; the rules then stay as they were */
  async refresh(): Promise<void> {
    const found = statSync(this.#path, { throwIfNoEntry: false, bigint: true });
    const version = found === undefined ? null : `${found.ino} ${found.size} ${found.mtimeNs}`;
    if (version === this.#version) return;
    this.#version = version;
    const { active } = parse(await readPeoplesFile({ path: this.#path, mostBytes: MOST_BYTES }), this.#path);
    this.#index = suppressionIndex(active.values());
  }
}

/** Rules by what they name. */
export function suppressionIndex(rules: Iterable<Suppression>): SpanIndex {
  return new SpanIndex(
    Array.from(rules, ({ id, source, account, destination, until, comment }) => ({
      id,
      from: -Infinity,
      to: until,
      source,
      account,
      destination,
      uid: null,
      campaign: comment,
    })),
  );
}

interface Change<T> {
  readonly entries: readonly (Suppression | Lift)[];
  readonly result: T;
}

function change<T>(state: string, decide: (active: Active) => Change<T>): Promise<T> {
  const path = join(state, SUPPRESSIONS_FILE);
  return changeFile({ path, lock: LOCK, mostBytes: MOST_BYTES }, (bytes) => {
    const { active, kept } = parse(bytes, path);
    const { entries, result } = decide(active);
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    if (kept + Buffer.byteLength(text) > MOST_BYTES) throw tooMany(state);
    return { kept, text, result };
  });
}

/** A last line without an end is what a crash has left of a write that nobody was told of. */
function parse(bytes: Buffer, path: string): { active: Map<string, Suppression>; kept: number } {
  const kept = bytes.lastIndexOf('\n') + 1;
  const active = new Map<string, Suppression>();
  const lines = bytes.toString('utf8', 0, kept).split('\n').slice(0, -1);
  for (const [i, line] of lines.entries()) {
    const entry = parseLine(line);
    if (fits(Lift, entry)) active.delete(entry.id);
    else if (fits(Suppression, entry) && namesSomething(entry)) active.set(entry.id, entry);
    else throw damaged(path, i + 1);
  }
  return { active, kept };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function damaged(path: string, line: number): CordonError {
  return new CordonError('ENCODING_INVALID', {
    expected: `a suppression or its end in line ${line} of ${path}, as cordon alert writes it`,
    got: 'something else',
    next: 'restore the file from a backup, or take that line out; suppressions are changed by cordon alert alone',
  });
}

function tooMany(state: string): CordonError {
  return new CordonError('VALUE_OUT_OF_RANGE', {
    expected: `at most ${MOST_RULES} suppressions, and ${MOST_BYTES} bytes of them with those that were lifted, in ${state}`,
    got: 'more',
    next: 'name less in each, so that one rule stands for several; or lift some',
  });
}
