// Dense models in TensorFlow.js: logits, loss, gradient and weights after one step of Adam, for models/detection/layered-model.test.ts.
// Needs, in a folder of its own outside the project: npm install --ignore-scripts @tensorflow/tfjs@4.22.0
// Run there as `node layered_tfjs.js`; writes layered_tfjs.json beside itself, which models/detection/vectors/ keeps.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';

await tf.setBackend('cpu');
const ROWS = 13;
const INPUTS = 5;
const LEARNING_RATE = 0.01;
const NETWORKS = {
  logistic: [[1, 'linear']],
  relu: [
    [7, 'relu'],
    [1, 'linear'],
  ],
  sigmoid: [
    [6, 'sigmoid'],
    [1, 'linear'],
  ],
  deep: [
    [8, 'tanh'],
    [6, 'relu'],
    [5, 'sigmoid'],
    [4, 'linear'],
    [1, 'linear'],
  ],
};

// Numerical Recipes' generator, within +-1, as float32 has them.
let state = 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.fround(state / 2 ** 31 - 1);
};
const values = (length, of = random) => Array.from({ length }, of);

const cases = {};
for (const [name, layers] of Object.entries(NETWORKS)) {
  const model = tf.sequential();
  layers.forEach(([units, activation], i) => {
    model.add(tf.layers.dense({ units, activation, ...(i === 0 && { inputShape: [INPUTS] }) }));
  });
  const shapes = model.getWeights().map(({ shape }) => shape);
  const before = shapes.map((shape) => values(shape.reduce((a, b) => a * b, 1)));
  model.setWeights(before.map((tensor, i) => tf.tensor(tensor, shapes[i])));
  const [rows, labels] = [values(ROWS * INPUTS), values(ROWS, () => (random() > 0 ? 1 : 0))];
  const importance = values(ROWS, () => Math.fround(random() + 1));
  const [x, y, weight] = [
    tf.tensor2d(rows, [ROWS, INPUTS]),
    tf.tensor2d(labels, [ROWS, 1]),
    tf.tensor2d(importance, [ROWS, 1]),
  ];
  const loss = () =>
    tf.losses.sigmoidCrossEntropy(y, model.apply(x, { training: true }), weight, 0, tf.Reduction.MEAN);
  const variables = model.trainableWeights.map((one) => one.val);
  const { value, grads } = tf.variableGrads(loss, variables);
  const logits = [...model.predict(x).dataSync()];
  tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-8).minimize(loss, false, variables);
  // As TensorFlow.js itself writes it to model.json.
  let saved = null;
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, format, generatedBy, convertedBy, weightSpecs }) => {
      const weightsManifest = [{ paths: ['./model.weights.bin'], weights: weightSpecs }];
      saved = { modelTopology, format, generatedBy, convertedBy, weightsManifest };
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  cases[name] = {
    inputs: INPUTS,
    layers: layers.map(([units, activation]) => ({ units, activation })),
    weights: before.flat(),
    rows,
    labels,
    importance,
    logits,
    loss: value.dataSync()[0],
    gradient: variables.flatMap(({ name: key }) => [...grads[key].dataSync()]),
    after: model.getWeights().flatMap((one) => [...one.dataSync()]),
    saved,
  };
}
const made = { tfjs: tf.version.tfjs, learningRate: LEARNING_RATE, cases };
writeFileSync(join(import.meta.dirname, 'layered_tfjs.json'), `${JSON.stringify(made)}\n`);
