import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { GraphEncoderArchitecture } from '../../models/detection/graph-encoder-architecture.ts';
import { graphGradient, graphScores } from '../../models/detection/graph-encoder.ts';
import { sequenceOf, weightsOf } from '../../test/made-graph-sequence.ts';

const script = fileURLToPath(new URL('./graph_encoder_jax.py', import.meta.url));
const python = (process.env['CORDON_PEERS_PYTHON'] || 'python3').split(delimiter)[0] ?? '';
const installed = spawnSync(python, ['-c', 'import jax'], { stdio: 'ignore' }).status === 0;

interface Answer {
  logits: number[];
  states: number[];
  loss: number;
  gradient: number[];
}

/** Sizes with and without whole vectors, no edge features among them. */
const made = Array.from({ length: 4 }, (_, at) => {
  const i = 3 * at + 1;
  const architecture: GraphEncoderArchitecture = {
    kind: 'graph-encoder',
    nodeInputs: 1 + (i % 7),
    edgeInputs: i % 4,
    hidden: 1 + ((i * 5) % 23),
    state: 1 + ((i * 7) % 18),
    decoder: 1 + ((i * 3) % 19),
    judges: at % 2 === 0 ? 'before' : 'after',
  };
  const nodes = 2 + i;
  const sequence = sequenceOf(architecture, { nodes, windows: 1 + (i % 5), edges: 30, seed: i });
  const start = weightsOf({ ...architecture, nodeInputs: 400 }, i + 200).slice(0, nodes * architecture.state);
  return { architecture, sequence: { ...sequence, start }, vector: weightsOf(architecture, i + 100) };
});

const largest = (got: Float32Array, want: number[]): number => {
  expect(got).toHaveLength(want.length);
  return Math.max(0, ...want.map((w, i) => Math.abs((got[i] ?? NaN) - w)));
};

test.skipIf(!installed)(
  'the graph encoder agrees with JAX (float64) on logits, states, loss and gradient (needs JAX in CORDON_PEERS_PYTHON)',
  () => {
    const cases = made.map(({ architecture, sequence, vector }) => ({
      architecture,
      nodes: sequence.nodes,
      start: [...sequence.start],
      vector: [...vector],
      labels: [...sequence.labels],
      weights: [...sequence.weights],
      windows: sequence.windows.map(({ neighbours, ...window }) => ({
        lists: Array.from({ length: sequence.nodes }, (_, i) => [
          ...neighbours.column.subarray(neighbours.start[i], neighbours.start[i + 1]),
        ]),
        nodes: [...window.nodes],
        from: [...window.from],
        to: [...window.to],
        edges: [...window.edges],
      })),
    }));
    const ran = spawnSync(python, [script], {
      input: JSON.stringify(cases),
      encoding: 'utf8',
      maxBuffer: 1e8,
    });
    expect(ran.status, ran.stderr).toBe(0);
    const answers = (JSON.parse(ran.stdout) as { cases: { answer: Answer }[] }).cases;
    expect(answers).toHaveLength(made.length);
    made.forEach(({ architecture, sequence, vector }, i) => {
      const want = answers[i]?.answer;
      if (want === undefined) throw new Error('no answer');
      const { logits, states } = graphScores(architecture, vector, sequence);
      expect(largest(logits, want.logits)).toBeLessThan(1e-5);
      expect(largest(states, want.states)).toBeLessThan(2e-6);
      const { loss, gradient } = graphGradient(architecture, vector, sequence);
      expect(Math.abs(loss - want.loss)).toBeLessThan(1e-6);
      expect(largest(gradient, want.gradient)).toBeLessThan(3e-6);
    });
  },
  300_000,
);
