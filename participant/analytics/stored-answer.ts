import Type, { type Static } from 'typebox';
import { closed, Hash, RoundNumber, RunId } from '../../protocol/messages/fields.ts';
import { CountSketchTask } from '../../protocol/task.ts';

const Cells = Type.Array(Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }), { maxItems: 2 ** 23 });

/** The answer to one period as this site keeps it: what the members together counted, and what this one did. */
export const StoredAnswer = Type.Object(
  {
    version: Type.Literal(1),
    epoch: Type.Integer({ minimum: 0 }),
    run: RunId,
    round: RoundNumber,
    /** Public name of the key under which names are looked up. */
    keyHash: Hash,
    sketch: CountSketchTask.properties.sketch,
    noisy: Type.Boolean(),
    /** Period, milliseconds on the clock of the events; its end is not part of it. */
    from: Type.Integer({ minimum: 0 }),
    to: Type.Integer({ minimum: 0 }),
    /** Event time after which the features read it. */
    visibleFrom: Type.Integer({ minimum: 0 }),
    /** Contributors of the sum. */
    members: Type.Integer({ minimum: 1 }),
    /** Cells of the answer that are not 0: place, value, place, value, ... */
    cells: Cells,
    /** The same of this member's own sketch, without its noise; empty where it is not in the sum. */
    own: Cells,
  },
  closed,
);
export type StoredAnswer = Static<typeof StoredAnswer>;

/** What this member put into a round, until there is an answer. */
export const OwnSketch = Type.Object({ epoch: Type.Integer({ minimum: 0 }), cells: Cells }, closed);
export type OwnSketch = Static<typeof OwnSketch>;

/** Places and values of the cells that are not 0. */
export function sparse(cells: Uint32Array): number[] {
  const out: number[] = [];
  for (let place = 0; place < cells.length; place++) {
    const value = cells[place] ?? 0;
    if (value !== 0) out.push(place, value);
  }
  return out;
}

/** What `sparse` made small, in full. */
export function dense(list: readonly number[], length: number): Uint32Array<ArrayBuffer> {
  const cells = new Uint32Array(length);
  for (let i = 0; i + 1 < list.length; i += 2) cells[list[i] ?? length] = list[i + 1] ?? 0;
  return cells;
}

/** The order in which answers are taken in, whatever order they came in. */
export function inOrderOfVisibility(a: StoredAnswer, b: StoredAnswer): number {
  return a.visibleFrom - b.visibleFrom || a.from - b.from || a.round - b.round || (a.run < b.run ? -1 : 1);
}
