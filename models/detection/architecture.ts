import { ModelError } from '../errors.ts';

/** What fixes the meaning of a weight vector; hashed together with it. */
export interface EdgeScorerArchitecture {
  readonly kind: 'edge-scorer';
  /** Version of the feature set, for example `edge-v1`. */
  readonly features: string;
  /** Values in a feature row. */
  readonly inputs: number;
  /** Units of the hidden layer. */
  readonly hidden: number;
}

/** Where a tensor lies in the flat weight vector, in values. */
export interface TensorPlace {
  readonly name: 'W1' | 'b1' | 'W2' | 'b2';
  readonly offset: number;
  readonly length: number;
}

/**
 * Tensors of `logit = relu(x . W1 + b1) . W2 + b2` in the order in which they lie in the flat vector:
 * W1 (inputs x hidden, row-major), b1 (hidden), W2 (hidden), b2 (1).
 */
export function tensorPlaces({ inputs, hidden }: EdgeScorerArchitecture): TensorPlace[] {
  const places: TensorPlace[] = [];
  let offset = 0;
  for (const [name, length] of [
    ['W1', inputs * hidden],
    ['b1', hidden],
    ['W2', hidden],
    ['b2', 1],
  ] as const) {
    places.push({ name, offset, length });
    offset += length;
  }
  return places;
}

/** Length of the flat weight vector. */
export function weightCount({ inputs, hidden }: EdgeScorerArchitecture): number {
  return inputs * hidden + 2 * hidden + 1;
}

/** Largest sizes that are not taken for a mistake; what a site allows is its own policy's matter. */
const MOST = { inputs: 4096, hidden: 65_536 } as const;

/** Throws ModelError VALUE_OUT_OF_RANGE for sizes outside 1..4096 inputs, 1..65,536 hidden units. */
export function checkArchitecture(architecture: EdgeScorerArchitecture): void {
  for (const name of ['inputs', 'hidden'] as const) {
    const value = architecture[name];
    if (!Number.isInteger(value) || value < 1 || value > MOST[name]) {
      throw new ModelError('VALUE_OUT_OF_RANGE', {
        expected: `${name} to be a whole number from 1 to ${MOST[name]}`,
        got: String(value),
        next: 'correct the model in the task',
      });
    }
  }
}

/**
 * Throws ModelError SHAPE_MISMATCH for a vector of another length, NOT_FINITE naming tensor and index for NaN or
 * infinity. `what` says in the message whose vector it is.
 */
export function checkVector(
  architecture: EdgeScorerArchitecture,
  values: ArrayLike<number>,
  what: string,
): void {
  checkLength(architecture, values.length, what);
  const bad = findNotFinite(architecture, values);
  if (bad !== null) {
    throw new ModelError('NOT_FINITE', {
      expected: `finite numbers in the ${what}`,
      got: `${bad.value} at ${bad.tensor}[${bad.index}]`,
      next: 'lower the learning rate, or look for broken input data',
    });
  }
}

/** Throws ModelError SHAPE_MISMATCH unless it is the length of the flat weight vector; `what` as in `checkVector`. */
export function checkLength(architecture: EdgeScorerArchitecture, length: number, what: string): void {
  const expected = weightCount(architecture);
  if (length === expected) return;
  throw new ModelError('SHAPE_MISMATCH', {
    expected: `${expected} values in the ${what}`,
    got: String(length),
    next: 'check that both sides run the same task',
  });
}

/**
 * The first NaN or infinity with the tensor it stands in, or null.
 * @param from place of the first of the values in the flat vector, where they are a piece of it
 */
export function findNotFinite(
  architecture: EdgeScorerArchitecture,
  values: ArrayLike<number>,
  from = 0,
): { tensor: string; index: number; value: number } | null {
  if (values instanceof Uint32Array || (values instanceof Float32Array && allFinite(values))) return null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (Number.isFinite(value)) continue;
    const at = from + i;
    const place = tensorPlaces(architecture).findLast(({ offset }) => offset <= at);
    return { tensor: place?.name ?? '', index: at - (place?.offset ?? 0), value };
  }
  return null;
}

/** By the exponent bits alone, in one type of array: several times as fast as the search that names what it finds. */
function allFinite(values: Float32Array): boolean {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < words.length; i++) if (((words[i] ?? 0) & 0x7f800000) === 0x7f800000) return false;
  return true;
}
