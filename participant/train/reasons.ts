import type { Architecture } from '../../models/detection/model.ts';
import { modelWith } from '../../models/detection/models.ts';
import { AT, EDGE_V1, type FeatureName } from '../features/edge-v1.ts';
import { FEDERATION, type FederationFeature } from '../features/edge-v2.ts';
import { FEDERATION_SENTENCES, SENTENCES, type Sentences } from './sentences.ts';

/** Most sentences that one alert gets. */
const REASONS = 3;
/** The sentences of each value of a row, in the row's order. */
const OF_ROW: readonly { readonly feature: FoundReason['feature']; readonly sentences: Sentences }[] = [
  ...EDGE_V1.map(({ name }) => ({ feature: name, sentences: SENTENCES[name] })),
  ...FEDERATION.map(({ name }) => ({ feature: name, sentences: FEDERATION_SENTENCES[name] })),
];

/** A feature that lifts a score, and what an analyst reads of it. */
export interface FoundReason {
  readonly feature: FeatureName | FederationFeature;
  /** In the row, and in ordinary rows. */
  readonly value: number;
  readonly usual: number;
  /** By how much the score would be lower with the usual value, logit; above 0. */
  readonly weight: number;
  readonly words: string;
}

/**
 * Why a row scores as high as it does, in words, the weightiest first: each feature in turn is set to its usual value,
 * and those whose absence lowers the score most are the reasons. A feature that says
 * little in its direction gives none, and neither does one whose sentence is not true of this row.
 * @param row one row of `edge-v1` or `edge-v2`
 * @param usual what the organisation's ordinary rows look like, as long as `row`
 * @throws ModelError SHAPE_MISMATCH, NOT_FINITE as the model's `scores`
 */
export function findReasons(
  architecture: Architecture,
  weights: Float32Array,
  row: Float32Array,
  usual: Float32Array,
): FoundReason[] {
  const width = row.length;
  const variants = new Float32Array((width + 1) * width);
  for (let v = 0; v <= width; v++) {
    variants.set(row, v * width);
    if (v < width) variants[v * width + v] = usual[v] ?? 0;
  }
  const scores = modelWith(architecture).scores(weights, variants);
  const whole = scores[width] ?? 0;
  const local = row[AT.local] === 1;
  return OF_ROW.slice(0, width)
    .flatMap(({ feature, sentences }, i): FoundReason[] => {
      const [value, ordinary, weight] = [row[i] ?? 0, usual[i] ?? 0, whole - (scores[i] ?? 0)];
      const words = local && sentences.pair ? null : sentence(sentences, value, ordinary);
      return words === null || weight <= 0 ? [] : [{ feature, value, usual: ordinary, weight, words }];
    })
    .sort((a, b) => b.weight - a.weight)
    .slice(0, REASONS);
}

/** The words of `findReasons` alone. */
export function reasonsOf(
  architecture: Architecture,
  weights: Float32Array,
  row: Float32Array,
  usual: Float32Array,
): string[] {
  return findReasons(architecture, weights, row, usual).map(({ words }) => words);
}

/** What is true of a value, or null: which side of the usual it is on, and far enough for the words. */
function sentence({ high, low, highFrom, lowTo }: Sentences, value: number, usual: number): string | null {
  if (value > usual) return value >= (highFrom ?? -Infinity) ? (high ?? null) : null;
  return value < usual && value <= (lowTo ?? Infinity) ? (low ?? null) : null;
}
