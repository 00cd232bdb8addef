import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXPORT_CASES, type ExportCase, exportedFiles } from '../../test/export-vectors.ts';
import { edgeScorer } from '../detection/feature-sets.ts';
import { forwardScores } from '../detection/edge-scorer.ts';
import { denseNetwork, filledLayers } from './dense-network.ts';

interface Foreign {
  readonly cases: Readonly<Record<string, { readonly sha256: string; readonly scores: number[] }>>;
}

/** What onnxruntime 1.32.0 and TensorFlow.js 4.22.0 made of these very bytes; vectors/onnx_scores.py and test/vectors/tfjs_scores.js are how. */
const foreign = (name: string): Foreign =>
  JSON.parse(readFileSync(new URL(`./vectors/${name}_scores.json`, import.meta.url), 'utf8')) as Foreign;

const FUNCTION = {
  linear: (x: number) => x,
  relu: (x: number) => Math.max(0, x),
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
};

/** In float64, by the book. */
function plainScores({ network, weights, rows }: ExportCase): number[] {
  const { inputs } = network;
  return Array.from({ length: rows.length / inputs }, (_, i) => {
    let row = [...rows.subarray(i * inputs, (i + 1) * inputs)];
    for (const { units, activation, kernel, bias } of filledLayers(network, weights)) {
      row = Array.from({ length: units }, (_unit, unit) =>
        FUNCTION[activation](
          row.reduce((sum, value, k) => sum + value * (kernel[k * units + unit] ?? NaN), bias[unit] ?? NaN),
        ),
      );
    }
    return row[0] ?? NaN;
  });
}

const sha256 = (...parts: Uint8Array[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>): void {
  expect(got).toHaveLength(want.length);
  for (let i = 0; i < want.length; i++)
    expect(Math.abs((got[i] ?? NaN) - (want[i] ?? NaN))).toBeLessThan(1e-5);
}

describe.each(EXPORT_CASES.map((one) => [one.name, one] as const))('%s, exported', (name, one) => {
  it('as ONNX is what onnx.checker accepts, and onnxruntime gives the same scores', () => {
    const known = foreign('onnx').cases[name];
    expect(sha256(exportedFiles(one)['model.onnx'] ?? new Uint8Array())).toBe(known?.sha256);
    expectClose(known?.scores ?? [], plainScores(one));
  });

  it('as LayersModel is what TensorFlow.js loads, which gives the same scores', () => {
    const known = foreign('tfjs').cases[name];
    const files = exportedFiles(one);
    const parts = ['model.json', 'weights.bin'].map((file) => files[file] ?? new Uint8Array());
    expect(sha256(...parts)).toBe(known?.sha256);
    expectClose(known?.scores ?? [], plainScores(one));
  });
});

describe('an edge scorer', () => {
  it('as dense layers is the network that the others scored, with its own scores', () => {
    const [one] = EXPORT_CASES;
    if (one === undefined) throw new Error('no case');
    const architecture = edgeScorer({ features: 'edge-v1', hidden: 7 });
    expect(denseNetwork(architecture, 'logit')).toEqual(one.network);
    const own = forwardScores(architecture, one.weights, one.rows);
    for (const tool of ['onnx', 'tfjs']) expectClose(foreign(tool).cases[one.name]?.scores ?? [], own);
    expect(denseNetwork({ ...architecture, hidden: 0 }, 'probability')).toEqual({
      inputs: 36,
      layers: [{ units: 1, activation: 'sigmoid' }],
    });
  });
});
