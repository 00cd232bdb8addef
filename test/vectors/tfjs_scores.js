// Loads the TensorFlow.js exports that `node test/export-vectors.ts FOLDER` has written, and scores their rows.
// Needs, in a folder of its own outside the project: npm install --ignore-scripts @tensorflow/tfjs@4.22.0
// Run there as `node tfjs_scores.js FOLDER`; writes tfjs_scores.json beside itself, which models/export/vectors/ keeps:
// which bytes it was, and what it made of them.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';

await tf.setBackend('cpu');
const out = process.argv[2] ?? '';
const cases = {};
for (const name of readdirSync(out).toSorted()) {
  const [json, weights, rows] = ['model.json', 'weights.bin', 'rows.json'].map((file) =>
    readFileSync(join(out, name, file)),
  );
  const { modelTopology, weightsManifest } = JSON.parse(json);
  const weightSpecs = weightsManifest.flatMap((group) => group.weights);
  const weightData = Uint8Array.from(weights).buffer;
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  const scores = [...model.predict(tf.tensor2d(JSON.parse(rows))).dataSync()];
  const sha256 = createHash('sha256').update(json).update(weights).digest('hex');
  cases[name] = { sha256, scores };
}
writeFileSync(
  join(import.meta.dirname, 'tfjs_scores.json'),
  `${JSON.stringify({ tfjs: tf.version.tfjs, cases }, null, 1)}\n`,
);
