import type { Measured } from '../bench.ts';
import type { BenchRatio, BenchRow } from '../result.ts';
import { median, rowOf, significant } from '../statistics.ts';
import { type JobSize, inWords } from './task.ts';

export type Way = 'encrypted' | 'plaintext';

/** One job, in seconds. */
export interface Timed {
  readonly wall: number;
  /** Of all processes; null where the system does not say. */
  readonly cpu: number | null;
}

/** A job both ways, one right after the other. */
type Pair = Readonly<Record<Way, Timed>>;

/** Rows and ratios of one job from its runs; names begin with its prefix. */
export function figuresOf(
  one: JobSize & { readonly prefix: string },
  pairs: readonly Pair[],
  members: number,
): Measured {
  const rows: BenchRow[] = [];
  const skipped = [];
  for (const way of ['encrypted', 'plaintext'] as const) {
    const name = `${one.prefix}${way}`;
    const walls = pairs.map((pair) => pair[way].wall);
    rows.push(rowOf(`${name}.wall_s`, 's', walls, inWords(one, members)));
    const cpus = pairs.flatMap((pair) => pair[way].cpu ?? []);
    if (cpus.length > 0) rows.push(rowOf(`${name}.cpu_s`, 's', cpus, inWords(one, members)));
    else skipped.push({ name: `${name}.cpu_s`, why: 'processor time of other processes is read from /proc' });
  }
  const more = pairs.flatMap(({ encrypted, plaintext }) =>
    encrypted.cpu === null || plaintext.cpu === null ? [] : encrypted.cpu - plaintext.cpu,
  );
  if (more.length > 0) {
    const each = more.map((seconds) => (seconds * 1000) / (one.rounds * members));
    rows.push(rowOf(`${one.prefix}encryption.cpu_ms`, 'ms', each, MORE));
  }
  return { rows, ratios: ratiosOf(one.prefix, pairs), skipped };
}

const MORE =
  'what the encrypted way takes more, a member and round, coordinator included: it is the same however long members train, the ratio is not';

/** Medians of the ratios of neighbours in time. */
function ratiosOf(prefix: string, pairs: readonly Pair[]): BenchRatio[] {
  const ratios = (of: (timed: Timed) => number | null) =>
    pairs.flatMap(({ encrypted, plaintext }) => {
      const [above, below] = [of(encrypted), of(plaintext)];
      return above !== null && below !== null && below > 0 ? above / below : [];
    });
  const named = (name: string, values: readonly number[]) =>
    values.length === 0 ? [] : [{ name: `${prefix}${name}`, value: significant(median(values)) }];
  return [
    ...named(
      'encrypted/plaintext.wall',
      ratios(({ wall }) => wall),
    ),
    ...named(
      'encrypted/plaintext.cpu',
      ratios(({ cpu }) => cpu),
    ),
  ];
}
