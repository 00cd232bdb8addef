import { checkLayered, layered } from '../../models/detection/layered-architecture.ts';
import type { LayerChoice } from '../../models/detection/layered-architecture.ts';
import { ModelError } from '../../models/errors.ts';
import type { ModelChoice } from './experiment.ts';
import { invalid } from './invalid.ts';

const HIDDEN = 16;

interface Given {
  readonly kind?: 'edge-scorer' | 'layers' | 'graph-encoder';
  readonly hidden?: number;
  readonly layers?: LayerChoice[];
}

/**
 * The model of a trained method.
 * @param own the method's
 * @param common the experiment's, where the method says nothing
 * @param personal whether each member has an output layer of its own
 * @param place for the error
 * @throws CordonError CONFIG_INVALID
 */
export function chosenModel(
  own: Given | undefined,
  common: Given | undefined,
  personal: boolean,
  place: string,
): ModelChoice {
  const says = own?.hidden !== undefined || own?.layers !== undefined || own?.kind === 'layers';
  const { kind, hidden, layers } = (says ? own : common) ?? {};
  if (hidden !== undefined && layers !== undefined) {
    throw invalid(`one of hidden and layers in model of ${place}`, 'both');
  }
  if (kind !== undefined && (kind === 'layers') !== (layers !== undefined)) {
    throw invalid(`layers with kind: layers, and no others, in model of ${place}`, kind);
  }
  if (personal && (hidden === 0 || layers?.length === 1)) {
    throw invalid(`hidden units beside a personal head in ${place}`, layers === undefined ? '0' : '1 layer');
  }
  if (layers === undefined) return { hidden: hidden ?? HIDDEN };
  try {
    // The wider rows: what holds for them holds for the others.
    checkLayered(layered({ kind: 'layers', features: 'edge-v2', layers }));
  } catch (error) {
    if (error instanceof ModelError)
      throw invalid(`${error.expected} in model.layers of ${place}`, error.got);
    throw error;
  }
  return { layers };
}
