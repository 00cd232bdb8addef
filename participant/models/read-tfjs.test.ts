import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../models/detection/models.ts';
import { tfjsModel } from '../../models/export/tfjs.ts';
import { toCordonError } from '../../protocol/errors.ts';
import { Layers } from '../../protocol/task.ts';
import { fits } from '../../protocol/codec/codec.ts';
import { fromTfjs } from './read-tfjs.ts';

type Json = Record<string, unknown>;

/** What TensorFlow.js 4.22.0 has saved, with another input shape. */
const saved = JSON.parse(
  readFileSync(new URL('../../models/detection/vectors/layered_tfjs.json', import.meta.url), 'utf8'),
) as { cases: Record<string, { layers: Json[]; saved: Json }> };
const withInputs = (model: Json, inputs: number): string =>
  JSON.stringify(model).replace('"batch_input_shape":[null,5]', `"batch_input_shape":[null,${inputs}]`);

const dense = (units: number, activation: string, more: Json = {}): Json => ({
  class_name: 'Dense',
  config: { name: `d${units}`, units, activation, ...more },
});
const sequential = (...layers: Json[]): string =>
  JSON.stringify({ modelTopology: { class_name: 'Sequential', config: { name: 's', layers } } });
const first = { batch_input_shape: [null, 36] };

function refusal(text: string): string {
  try {
    fromTfjs(text);
    return 'accepted';
  } catch (error) {
    const { code, expected, got } = toCordonError(error);
    expect(code).toBe('CONFIG_INVALID');
    return `${expected}, got ${got}`;
  }
}

describe('a TensorFlow.js model as the model of a task', () => {
  it.each(Object.entries(saved.cases))(
    'is what TensorFlow.js saved: %s',
    (_name, { layers, saved: file }) => {
      const { model } = fromTfjs(withInputs(file, 47));
      expect(model).toEqual({ kind: 'layers', features: 'edge-v2', layers });
      expect(fits(Layers, model)).toBe(true);
      // The topology alone is enough.
      expect(fromTfjs(withInputs(file['modelTopology'] as Json, 36)).model).toEqual({
        ...model,
        features: 'edge-v1',
      });
    },
  );

  it('is what was exported here', () => {
    const layers = [
      { units: 3, activation: 'tanh' },
      { units: 1, activation: 'linear' },
    ] as const;
    const choice = { kind: 'layers', features: 'edge-v1', layers } as const;
    const weights = modelOf(choice).initialWeights(1);
    expect(fromTfjs(tfjsModel({ inputs: 36, layers }, weights, {}).json).model).toEqual(choice);
  });

  it('may have its activations in layers of their own, a sigmoid at the end, and be functional', () => {
    const activation = { class_name: 'Activation', config: { name: 'a', activation: 'tanh' } };
    const wanted = [
      { units: 4, activation: 'tanh' },
      { units: 1, activation: 'linear' },
    ];
    const found = fromTfjs(sequential(dense(4, 'linear', first), activation, dense(1, 'sigmoid')));
    expect(found.model.layers).toEqual(wanted);
    expect(found.notes.join()).toContain('scores are logits');
    const node = (name: string) => [[[name, 0, 0, {}]]];
    const functional = (layers: Json[]) =>
      JSON.stringify({
        class_name: 'Model',
        config: { name: 'm', layers, input_layers: [['in', 0, 0]], output_layers: [['d1', 0, 0]] },
      });
    const input = { class_name: 'InputLayer', config: { name: 'in', ...first }, inbound_nodes: [] };
    const [a, b] = [
      { ...dense(1, 'linear'), inbound_nodes: node('d4') },
      { ...dense(4, 'tanh'), inbound_nodes: node('in') },
    ];
    expect(fromTfjs(functional([input, a, b])).model.layers).toEqual(wanted);
    // A branch that leads nowhere, a circle, two inputs.
    expect(refusal(functional([input, a, b, { ...dense(2, 'relu'), inbound_nodes: node('in') }]))).toContain(
      'one chain',
    );
    expect(refusal(functional([input, a, { ...b, inbound_nodes: node('d1') }]))).toContain('a circle');
    const two = [[...(node('in')[0] ?? []), ...(node('in')[0] ?? [])]];
    expect(refusal(functional([input, a, { ...b, inbound_nodes: two }]))).toContain('one layer before d4');
  });

  it('is refused where it would be something else here, with the layer that is', () => {
    const last = dense(1, 'linear');
    expect(refusal('{')).toContain('in JSON');
    expect(refusal('{"modelTopology":{}}')).toContain('another topology');
    expect(refusal(sequential(dense(4, 'elu', first), last))).toBe(
      'one of linear, relu, sigmoid, tanh in layer 1 (d4), got elu',
    );
    expect(refusal(sequential(dense(4, 'relu', { batch_input_shape: [null, 5] }), last))).toContain(
      '36 (edge-v1) or 47 (edge-v2)',
    );
    expect(refusal(sequential(dense(4, 'relu', { batch_input_shape: [null, 6, 6] }), last))).toContain(
      'input shape',
    );
    expect(refusal(sequential(dense(4, 'relu'), last))).toContain('input shape');
    expect(refusal(sequential(dense(4, 'relu', { ...first, use_bias: false }), last))).toContain('use_bias');
    expect(refusal(sequential(dense(4, 'relu', { ...first, kernel_regularizer: {} }), last))).toContain(
      'kernel_regularizer',
    );
    expect(refusal(sequential(dense(4, 'relu', { ...first, trainable: false }), last))).toContain(
      'trainable',
    );
    expect(
      refusal(sequential(dense(4, 'relu', first), { class_name: 'Dropout', config: { rate: 0.5 } }, last)),
    ).toContain('Dropout as layer 2');
    expect(refusal(sequential(dense(4, 'relu', first)))).toContain('one linear or sigmoid unit at the end');
    expect(refusal(sequential(dense(1, 'tanh', first)))).toContain('one linear or sigmoid unit at the end');
    expect(
      refusal(sequential(...Array.from({ length: 20 }, (_, i) => dense(1, 'linear', i === 0 ? first : {})))),
    ).toContain('1 to 16 layers');
    expect(refusal(sequential(dense(65_536, 'relu', first), dense(65_536, 'relu'), last))).toContain(
      'weights',
    );
  });

  it('is one clear refusal for any other JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(refusal(text)).not.toBe('accepted');
      }),
    );
  });
});
