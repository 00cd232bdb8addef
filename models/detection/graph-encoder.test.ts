import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float32Scores, plainLogits, plainLoss } from '../../test/plain-graph-encoder.ts';
import { sequenceOf, smallEncoder as small, weightsOf } from '../../test/made-graph-sequence.ts';
import { adam } from '../../test/reference-kernels.ts';
import { Kernels } from '../kernels/kernels.ts';
import { csrOf } from '../layers/csr.ts';
import { placesOf } from '../layers/tensors.ts';
import { SeededStream } from '../seeded-stream.ts';
import {
  graphEncoderTensors,
  initialGraphWeights,
  type GraphEncoderArchitecture,
} from './graph-encoder-architecture.ts';
import type { GraphWindow, LabelledSequence } from './graph-encoder-input.ts';
import { graphGradient, graphScores, graphTrainingSteps, trainGraphSteps } from './graph-encoder.ts';

const cases = fc
  .record({
    nodeInputs: fc.integer({ min: 1, max: 6 }),
    edgeInputs: fc.integer({ min: 0, max: 5 }),
    hidden: fc.integer({ min: 1, max: 18 }),
    state: fc.integer({ min: 1, max: 10 }),
    decoder: fc.integer({ min: 1, max: 18 }),
    judges: fc.constantFrom('before', 'after'),
    nodes: fc.integer({ min: 0, max: 7 }),
    windows: fc.integer({ min: 0, max: 4 }),
    edges: fc.integer({ min: 0, max: 6 }),
    seed: fc.nat(),
  })
  .map(({ nodes, windows, edges, seed, ...sizes }) => {
    const architecture: GraphEncoderArchitecture = { kind: 'graph-encoder', ...sizes };
    const sequence = sequenceOf(architecture, { nodes, windows, edges, seed });
    return { architecture, weights: weightsOf(architecture, seed), sequence };
  });

describe('scores', () => {
  test('have the bits of the plain float32 version for any size: no nodes, no windows, no edges among them', () => {
    fc.assert(
      fc.property(cases, ({ architecture, weights, sequence }) => {
        expect(graphScores(architecture, weights, sequence)).toEqual(
          float32Scores(architecture, weights, sequence),
        );
      }),
    );
  });

  test('are those of the formulas in float64 within 1e-5', () => {
    fc.assert(
      fc.property(cases, ({ architecture, weights, sequence }) => {
        const want = plainLogits(architecture, [...weights], sequence);
        const { logits } = graphScores(architecture, weights, sequence);
        expect(logits).toHaveLength(want.length);
        for (const [i, logit] of logits.entries()) {
          expect(Math.abs(logit - (want[i] ?? NaN))).toBeLessThan(
            1e-5 * Math.max(1, Math.abs(want[i] ?? NaN)),
          );
        }
      }),
    );
  });

  test('have the same bits however windows are cut into sequences', () => {
    fc.assert(
      fc.property(cases, fc.nat({ max: 4 }), ({ architecture, weights, sequence }, cut) => {
        const { nodes, windows } = sequence;
        const whole = graphScores(architecture, weights, sequence);
        const first = graphScores(architecture, weights, { nodes, windows: windows.slice(0, cut) });
        const rest = { nodes, windows: windows.slice(cut), start: first.states };
        const second = graphScores(architecture, weights, rest);
        expect(Float32Array.of(...first.logits, ...second.logits)).toEqual(whole.logits);
        expect(second.states).toEqual(whole.states);
      }),
    );
  });

  test('know no identities: other numbers for the same nodes give the same bits', () => {
    const sequence = sequenceOf(small, { nodes: 6, windows: 3, edges: 9, seed: 5 });
    const number = Uint32Array.of(3, 5, 0, 4, 1, 2);
    const renamed = sequence.windows.map((window): GraphWindow => {
      const { start, column } = window.neighbours;
      const rows = [...start.subarray(1)].flatMap((end, i) => Array<number>(end - (start[i] ?? 0)).fill(i));
      const rename = (list: Iterable<number>): Uint32Array => Uint32Array.from(list, (i) => number[i] ?? NaN);
      const nodes = new Float32Array(window.nodes.length);
      number.forEach((to, i) => nodes.set(window.nodes.subarray(i * 3, i * 3 + 3), to * 3));
      return {
        ...window,
        nodes,
        neighbours: csrOf(6, 6, rename(rows), rename(column)),
        from: rename(window.from),
        to: rename(window.to),
      };
    });
    const weights = weightsOf(small, 1);
    expect(graphScores(small, weights, { nodes: 6, windows: renamed }).logits).toEqual(
      graphScores(small, weights, sequence).logits,
    );
  });

  test("judged 'before', an edge's score does not depend on its own window", () => {
    const before = { ...small, judges: 'before' } as const;
    const { nodes, windows } = sequenceOf(before, { nodes: 6, windows: 3, edges: 9, seed: 8 });
    const last = windows.at(-1);
    if (last === undefined) throw new Error('no window');
    const other = sequenceOf(before, { nodes: 6, windows: 1, edges: 0, seed: 9 }).windows[0];
    const changed = windows.with(windows.length - 1, {
      ...last,
      ...other,
      from: last.from,
      to: last.to,
      edges: last.edges,
    });
    const weights = weightsOf(before, 2);
    const score = (of: GraphWindow[], by: GraphEncoderArchitecture): Float32Array =>
      graphScores(by, weights, { nodes, windows: of }).logits;
    expect(last.from.length).toBeGreaterThan(0);
    expect(score(changed, before)).toEqual(score([...windows], before));
    expect(score(changed, small)).not.toEqual(score([...windows], small));
  });
});

describe('gradient', () => {
  test.each(['before', 'after'] as const)(
    'of every weight agrees with finite differences in float64, judged %s',
    (judges) => {
      const architecture = { ...small, judges };
      for (const seed of [1, 2, 3]) {
        const sequence = sequenceOf(architecture, { nodes: 5, windows: 3, edges: 8, seed });
        const weights = weightsOf(architecture, seed + 10);
        const base = [...weights];
        const { loss, gradient } = graphGradient(architecture, weights, sequence);
        expect(loss).toBeCloseTo(plainLoss(architecture, base, sequence), 6);
        const slopes = base.map((value, i) => {
          const bump = (by: number): number => plainLoss(architecture, base.with(i, value + by), sequence);
          return (bump(1e-6) - bump(-1e-6)) / 2e-6;
        });
        // What differences of 1e-6 show of a float64, and what 24 bits keep of sums of some dozen terms.
        slopes.forEach((slope, i) => expect(Math.abs((gradient[i] ?? NaN) - slope)).toBeLessThan(2e-6));
        for (const { name, offset, length } of placesOf(graphEncoderTensors(architecture))) {
          const largest = Math.max(...slopes.slice(offset, offset + length).map(Math.abs));
          expect(largest, `gradient of ${name}`).toBeGreaterThan(1e-4);
        }
      }
    },
  );

  test('belongs to the scores: the loss over all windows at once is that of the logits, in every bit', () => {
    fc.assert(
      fc.property(cases, ({ architecture, weights, sequence }) => {
        const { logits } = graphScores(architecture, weights, sequence);
        const k = new Kernels();
        const [z, y, importance] = [logits, sequence.labels, sequence.weights].map((values) =>
          k.place(values),
        );
        const grad = k.allocate(logits.length);
        const loss = k.run.bceWithLogits(z ?? NaN, y ?? NaN, importance ?? NaN, grad, logits.length);
        expect(graphGradient(architecture, weights, sequence).loss).toBe(loss);
      }),
    );
  });

  test('of a sequence without edges is 0', () => {
    const empty = sequenceOf(small, { nodes: 4, windows: 2, edges: 0, seed: 1 });
    const { loss, gradient } = graphGradient(small, weightsOf(small, 1), empty);
    expect(loss).toBe(0);
    expect(gradient.every((value) => value === 0)).toBe(true);
  });

  test('of one window and of nodes without neighbours agrees with finite differences', () => {
    const one = sequenceOf(small, { nodes: 3, windows: 1, edges: 9, seed: 4 });
    const alone = one.windows.map((window) => ({
      ...window,
      neighbours: csrOf(3, 3, new Uint32Array(0), new Uint32Array(0)),
    }));
    const sequence = { ...one, windows: alone };
    const weights = weightsOf(small, 6);
    const { gradient } = graphGradient(small, weights, sequence);
    const base = [...weights];
    for (const i of base.keys()) {
      const bump = (by: number): number => plainLoss(small, base.with(i, (base[i] ?? NaN) + by), sequence);
      expect(Math.abs((gradient[i] ?? NaN) - (bump(1e-6) - bump(-1e-6)) / 2e-6)).toBeLessThan(2e-6);
    }
  });
});

describe('training', () => {
  /**
   * Who speaks to a node that was busy two windows ago is malicious: neither the edge nor its own window show that, only
   * the memory of the state does.
   */
  function busy(draw: SeededStream): LabelledSequence {
    const nodes = 8;
    const active = Uint32Array.from({ length: nodes }, () => draw.nextBelow(2));
    const from = Uint32Array.from({ length: 12 }, () => draw.nextBelow(nodes));
    const to = Uint32Array.from({ length: 12 }, () => draw.nextBelow(nodes));
    const none = new Uint32Array(0);
    const windows = [0, 1, 2].map((t): GraphWindow => {
      const features = new Float32Array(nodes * 3);
      features.forEach((_, at) => {
        features[at] = at % 3 === 0 ? (t === 0 ? (active[at / 3] ?? NaN) : 0) : draw.nextUnit();
      });
      return {
        neighbours: csrOf(nodes, nodes, from, to),
        nodes: features,
        from: t === 2 ? from : none,
        to: t === 2 ? to : none,
        edges: Float32Array.from({ length: t === 2 ? 24 : 0 }, () => draw.nextUnit()),
      };
    });
    return {
      nodes,
      windows,
      labels: Float32Array.from(to, (i) => active[i] ?? NaN),
      weights: new Float32Array(12).fill(1),
    };
  }

  test('learns what only the state from earlier windows shows', () => {
    const architecture = { ...small, hidden: 12, state: 8, decoder: 12 };
    const draw = SeededStream.fromNumber(3);
    const start = initialGraphWeights(architecture, 1);
    const { weights } = trainGraphSteps(architecture, start, () => busy(draw), {
      steps: 600,
      learningRate: 0.01,
    });
    const right = (vector: Float32Array): number => {
      const fresh = SeededStream.fromNumber(77);
      let count = 0;
      for (let i = 0; i < 100; i++) {
        const sequence = busy(fresh);
        const { logits } = graphScores(architecture, vector, sequence);
        count += logits.filter((z, at) => z > 0 === (sequence.labels[at] === 1)).length;
      }
      return count / 1200;
    };
    expect(right(start)).toBeLessThan(0.7);
    expect(right(weights)).toBeGreaterThan(0.95);
  });

  test('another process gets the same bits', () => {
    const script = `
      const { initialGraphWeights } = await import('./models/detection/graph-encoder-architecture.ts');
      const { trainGraphSteps } = await import('./models/detection/graph-encoder.ts');
      const { sequence, architecture } = JSON.parse(process.argv[1], (key, value) =>
        value?.f32 ? Float32Array.from(value.f32) : value?.u32 ? Uint32Array.from(value.u32) : value);
      const { weights } = trainGraphSteps(architecture, initialGraphWeights(architecture, 4), () => sequence,
        { steps: 25, learningRate: 0.01 });
      process.stdout.write(Buffer.from(weights.buffer).toString('hex'));`;
    const sequence = sequenceOf(small, { nodes: 9, windows: 4, edges: 20, seed: 12 });
    const given = JSON.stringify({ sequence, architecture: small }, (_, value: unknown) => {
      if (value instanceof Float32Array) return { f32: [...value] };
      return value instanceof Uint32Array ? { u32: [...value] } : value;
    });
    const there = execFileSync(process.execPath, ['--input-type=module', '-e', script, '--', given], {
      encoding: 'utf8',
    });
    const { weights } = trainGraphSteps(small, initialGraphWeights(small, 4), () => sequence, {
      steps: 25,
      learningRate: 0.01,
    });
    expect(there).toBe(Buffer.from(weights.buffer).toString('hex'));
  });

  test('is Adam on the gradients of sequences of different sizes, in the bits of the plain version', () => {
    const sizes = [2, 7, 1, 5];
    const sequences = sizes.map((nodes, seed) => sequenceOf(small, { nodes, windows: 3, edges: 6, seed }));
    const start = weightsOf(small, 1);
    const source = (step: number): LabelledSequence => {
      const sequence = sequences[step];
      if (sequence === undefined) throw new Error('one step too many');
      return sequence;
    };
    const work = graphTrainingSteps(small, start, source, { steps: 4, learningRate: 0.01 });
    let pauses = 0;
    let trained = work.next();
    for (; trained.done !== true; trained = work.next()) pauses++;
    expect(pauses).toBe(4);
    const state = { w: start.slice(), m: new Float32Array(start.length), v: new Float32Array(start.length) };
    const options = { rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    let [power1, power2, total] = [1, 1, 0];
    for (const sequence of sequences) {
      const { loss, gradient } = graphGradient(small, state.w, sequence);
      power1 *= options.beta1;
      power2 *= options.beta2;
      total += loss;
      adam(state, gradient, options, 1 - power1, 1 - power2);
    }
    expect(trained.value).toEqual({ weights: state.w, loss: total / 4 });
  });

  test('takes no more memory for many steps than for one', () => {
    const kernels = Kernels.take();
    kernels.release();
    const sequence = sequenceOf(small, { nodes: 20, windows: 4, edges: 20, seed: 2 });
    trainGraphSteps(small, weightsOf(small, 1), () => sequence, { steps: 200, learningRate: 0.01 });
    // An instance whose memory grew beyond 4 MB would not have been kept.
    expect(Kernels.take()).toBe(kernels);
    expect(kernels.run.memory.buffer.byteLength).toBeLessThan(1024 * 1024);
  });

  test('no steps leave the weights as they are', () => {
    const start = weightsOf(small, 1);
    const never = (): LabelledSequence => {
      throw new Error('not called');
    };
    const { weights, loss } = trainGraphSteps(small, start, never, { steps: 0, learningRate: 1 });
    expect(weights).toEqual(start);
    expect(loss).toBe(0);
  });
});
