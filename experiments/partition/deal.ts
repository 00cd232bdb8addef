/**
 * Which member gets which row, by the rows' labels. The same rows, numbers and seed give the same members on every machine
 * that computes logarithms alike.
 */
import type { SeededStream } from '../../models/seeded-stream.ts';
import { seededStream } from '../../participant/train/seeded-stream.ts';
import { CordonError } from '../../protocol/errors.ts';
import { dirichlet } from './gamma.ts';

/**
 * `iid`: rows at random, as many each. `dirichlet`: every label's rows in shares drawn from a symmetric Dirichlet
 * distribution, the smaller alpha the more unlike (as Flower's DirichletPartitioner and Li et al. 2022; Hsu et al. 2019 draw
 * for each member in place of each label). `pathological`: each member has rows of so many labels, and a label's rows are
 * shared evenly among those that have it (Flower's PathologicalPartitioner). `shards`: rows sorted by label and cut into
 * shards, of which each member gets so many at random (McMahan et al. 2017). `natural`: a member for each label.
 */
export type Dealing =
  | { readonly kind: 'iid' }
  | { readonly kind: 'dirichlet'; readonly alpha: number; readonly least: number }
  | { readonly kind: 'pathological'; readonly labels: number }
  | { readonly kind: 'shards'; readonly shards: number }
  | { readonly kind: 'natural' };

/** Attempts at a Dirichlet draw in which everybody has enough rows. */
const ATTEMPTS = 100;

/**
 * @param labels of the rows
 * @param members 1 or more; of `natural` as many as there are labels at least
 * @returns for each row the member that gets it, from 0
 * @throws CordonError DATA_INSUFFICIENT where there are too few labels or rows for it
 */
export function deal(
  dealing: Dealing,
  labels: readonly (string | number)[],
  members: number,
  seed: number | string,
): Int32Array {
  const stream = seededStream('deal', dealing.kind, seed);
  const byLabel = rowsByLabel(labels);
  switch (dealing.kind) {
    case 'iid':
      return assigned(labels.length, evenly(shuffled(labels.keys(), stream), members));
    case 'dirichlet':
      return byDirichlet(dealing, byLabel, labels.length, members, stream);
    case 'pathological':
      return byLabels(dealing.labels, byLabel, labels.length, members, stream);
    case 'shards': {
      const count = dealing.shards * members;
      if (labels.length < count) throw tooFew(`${count} rows for ${members} members`, String(labels.length));
      const shards = evenly([...byLabel.values()].flat(), count);
      const order = shuffled(shards.keys(), stream);
      const parts = evenly(order, members).map((those) => those.flatMap((shard) => shards[shard] ?? []));
      return assigned(labels.length, parts);
    }
    case 'natural':
      if (byLabel.size > members) throw tooFew(`at most ${members} labels`, String(byLabel.size));
      return assigned(labels.length, [...byLabel.values()]);
  }
}

function byDirichlet(
  { alpha, least }: Extract<Dealing, { kind: 'dirichlet' }>,
  byLabel: ReadonlyMap<string | number, readonly number[]>,
  length: number,
  members: number,
  stream: SeededStream,
): Int32Array {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const parts: number[][] = Array.from({ length: members }, () => []);
    for (const rows of byLabel.values()) {
      const order = shuffled(rows, stream);
      let [from, share] = [0, 0];
      dirichlet(members, alpha, stream).forEach((part, member) => {
        share += part;
        const to = member === members - 1 ? order.length : Math.floor(share * order.length);
        parts[member]?.push(...order.slice(from, to));
        from = to;
      });
    }
    if (parts.every((rows) => rows.length >= least)) return assigned(length, parts);
  }
  throw tooFew(
    `${least} rows at each of ${members} members in one of ${ATTEMPTS} draws`,
    'fewer at one of them',
  );
}

function byLabels(
  each: number,
  byLabel: ReadonlyMap<string | number, readonly number[]>,
  length: number,
  members: number,
  stream: SeededStream,
): Int32Array {
  const names = [...byLabel.keys()];
  if (each > names.length || each * members < names.length) {
    throw tooFew(
      `from ${each} to ${each * members} labels for ${members} members of ${each} each`,
      String(names.length),
    );
  }
  // In turns through all labels in a random order, so that each label has somebody and nobody has one twice.
  const order = shuffled(names, stream);
  const having = new Map<string | number, number[]>(names.map((name) => [name, []]));
  for (let i = 0; i < each * members; i++)
    having.get(order[i % order.length] ?? '')?.push(Math.floor(i / each));
  const parts: number[][] = Array.from({ length: members }, () => []);
  for (const [name, rows] of byLabel) {
    const those = having.get(name) ?? [];
    evenly(shuffled(rows, stream), those.length).forEach((some, i) => parts[those[i] ?? 0]?.push(...some));
  }
  return assigned(length, parts);
}

function rowsByLabel(labels: readonly (string | number)[]): Map<string | number, number[]> {
  return Map.groupBy(labels.keys(), (i) => labels[i] ?? '');
}

/** Fisher and Yates. */
function shuffled<T>(values: Iterable<T>, stream: SeededStream): T[] {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const other = stream.nextBelow(i + 1);
    [order[i], order[other]] = [order[other] as T, order[i] as T];
  }
  return order;
}

/** Consecutive parts whose lengths differ by one at most. */
function evenly<T>(values: readonly T[], parts: number): T[][] {
  return Array.from({ length: parts }, (_, i) =>
    values.slice(Math.floor((i * values.length) / parts), Math.floor(((i + 1) * values.length) / parts)),
  );
}

function assigned(length: number, parts: readonly (readonly number[])[]): Int32Array {
  const members = new Int32Array(length);
  parts.forEach((rows, member) => {
    for (const row of rows) members[row] = member;
  });
  return members;
}

function tooFew(expected: string, got: string): CordonError {
  const next = 'choose fewer members, fewer labels each, or a larger alpha';
  return new CordonError('DATA_INSUFFICIENT', { expected, got, next });
}
