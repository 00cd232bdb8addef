import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { csrOf } from '../layers/csr.ts';
import { placesOf } from '../layers/tensors.ts';
import { graphEncoderTensors, type GraphEncoderArchitecture } from './graph-encoder-architecture.ts';
import type { GraphWindow } from './graph-encoder-input.ts';
import { graphGradient, graphScores } from './graph-encoder.ts';

interface Case {
  architecture: GraphEncoderArchitecture;
  nodes: number;
  start: number[];
  vector: number[];
  labels: number[];
  weights: number[];
  windows: { lists: number[][]; nodes: number[]; from: number[]; to: number[]; edges: number[] }[];
  answer: { logits: number[]; states: number[]; loss: number; gradient: number[] };
}

const { cases } = JSON.parse(
  gunzipSync(readFileSync(new URL('./vectors/graph-encoder-jax.json.gz', import.meta.url))).toString('utf8'),
) as { cases: Case[] };

function expectClose(got: Float32Array, want: number[], within: number, what: string): void {
  expect(got).toHaveLength(want.length);
  want.forEach((w, i) => expect(Math.abs((got[i] ?? NaN) - w), `${what}[${i}]`).toBeLessThan(within));
}

test.each(cases.map((one) => [one.architecture.judges, one] as const))(
  'the encoder, judging by the states %s, agrees with JAX in float64: logits, states, loss, gradient of every tensor',
  (_, { architecture, nodes, start, vector, labels, weights, windows, answer }) => {
    const sequence = {
      nodes,
      start: Float32Array.from(start),
      labels: Float32Array.from(labels),
      weights: Float32Array.from(weights),
      windows: windows.map((window): GraphWindow => {
        const row = window.lists.flatMap((list, i) => list.map(() => i));
        return {
          neighbours: csrOf(nodes, nodes, Uint32Array.from(row), Uint32Array.from(window.lists.flat())),
          nodes: Float32Array.from(window.nodes),
          from: Uint32Array.from(window.from),
          to: Uint32Array.from(window.to),
          edges: Float32Array.from(window.edges),
        };
      }),
    };
    const flat = Float32Array.from(vector);
    const { logits, states } = graphScores(architecture, flat, sequence);
    expectClose(logits, answer.logits, 2e-6, 'logit');
    expectClose(states, answer.states, 1e-6, 'state');
    const { loss, gradient } = graphGradient(architecture, flat, sequence);
    expect(Math.abs(loss - answer.loss)).toBeLessThan(1e-6);
    for (const { name, offset, length } of placesOf(graphEncoderTensors(architecture))) {
      expectClose(
        gradient.subarray(offset, offset + length),
        answer.gradient.slice(offset, offset + length),
        1e-6,
        name,
      );
    }
  },
);
