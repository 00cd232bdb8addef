/**
 * Writes what other tools check the exports with: `node test/export-vectors.ts FOLDER`, then
 * `python models/export/vectors/onnx_scores.py FOLDER` and `node test/vectors/tfjs_scores.js FOLDER` (each says what it needs).
 * They leave their scores beside themselves, models/export/vectors/ keeps both; models/export/export.test.ts compares.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DenseNetwork } from '../models/export/dense-network.ts';
import { onnxModel } from '../models/export/onnx.ts';
import { tfjsModel } from '../models/export/tfjs.ts';
import { SeededStream } from '../models/seeded-stream.ts';

export interface ExportCase {
  readonly name: string;
  readonly network: DenseNetwork;
  readonly weights: Float32Array;
  /** Row-major. */
  readonly rows: Float32Array;
}

const ROWS = 9;
const NETWORKS: Readonly<Record<string, DenseNetwork>> = {
  'edge-scorer': {
    inputs: 36,
    layers: [
      { units: 7, activation: 'relu' },
      { units: 1, activation: 'linear' },
    ],
  },
  logistic: { inputs: 5, layers: [{ units: 1, activation: 'sigmoid' }] },
  deep: {
    inputs: 6,
    layers: [
      { units: 5, activation: 'tanh' },
      { units: 4, activation: 'sigmoid' },
      { units: 3, activation: 'linear' },
      { units: 1, activation: 'sigmoid' },
    ],
  },
};

/** Networks with weights and rows within +-1. */
export const EXPORT_CASES: readonly ExportCase[] = Object.entries(NETWORKS).map(([name, network], i) => {
  const stream = SeededStream.fromNumber(i + 1);
  const values = (length: number) => Float32Array.from({ length }, () => 2 * stream.nextUnit() - 1);
  let [before, length] = [network.inputs, 0];
  for (const { units } of network.layers) {
    length += (before + 1) * units;
    before = units;
  }
  return { name, network, weights: values(length), rows: values(ROWS * network.inputs) };
});

export const METADATA = { cordon: 'a test' };

/** The exports of a case, as the file systems of other tools want them. */
export function exportedFiles({ network, weights }: ExportCase): Readonly<Record<string, Uint8Array>> {
  const tfjs = tfjsModel(network, weights, METADATA);
  return {
    'model.onnx': Buffer.concat(onnxModel(network, weights, METADATA)),
    'model.json': Buffer.from(tfjs.json),
    'weights.bin': tfjs.weights,
  };
}

const [, script = '', out] = process.argv;
if (script === fileURLToPath(import.meta.url) && out !== undefined) {
  for (const one of EXPORT_CASES) {
    const folder = join(out, one.name);
    mkdirSync(folder, { recursive: true });
    for (const [name, bytes] of Object.entries(exportedFiles(one))) writeFileSync(join(folder, name), bytes);
    const { inputs } = one.network;
    const rows = Array.from({ length: ROWS }, (_, i) => [...one.rows.subarray(i * inputs, (i + 1) * inputs)]);
    writeFileSync(join(folder, 'rows.json'), JSON.stringify(rows));
  }
}
