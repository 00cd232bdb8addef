import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashStart } from '../detection/model-hash.ts';
import { FederatedModel, type FederatedState } from './federated-model.ts';
import { type Optimiser, serverRule } from './optimiser.ts';

interface Answers {
  first: number[];
  updates: number[][][];
  cases: { optimiser: Optimiser; after: number[][] }[];
}

// Made by experiments/peers/flower_server_rules.py with flwr 1.41.0 and numpy 2.4.6, in float64.
const { first, updates, cases } = JSON.parse(
  readFileSync(new URL('./vectors/server-rules-flower.json', import.meta.url), 'utf8'),
) as Answers;

const ROUND = { steps: 5, learningRate: 0.01, share: 0.75, behind: 0 };

describe("a server's rule", () => {
  test.each(cases.map((one) => [JSON.stringify(one.optimiser), one] as const))(
    '%s goes as in Flower, round after round',
    (_, { optimiser, after }) => {
      const { memory, next } = serverRule(optimiser, ROUND);
      const places = first.map((value) => [value, ...memory.map((kept) => kept.first)]);
      updates.forEach((clients, round) => {
        places.forEach((state, i) => {
          const mean = clients.reduce((sum, update) => sum + (update[i] ?? NaN), 0) / clients.length;
          const [w = NaN, a = 0, b = 0] = state;
          const values = next.map((value) => value(mean, w, a, b));
          state.splice(0, state.length, ...values);
          expect(values[0]).toBeCloseTo(after[round]?.[i] ?? NaN, 12);
        });
      });
      expect(after).toHaveLength(6);
    },
  );

  test('momentum and FedAdam without memory of earlier rounds are the plain mean, and its direction', () => {
    const momentum = serverRule({ kind: 'momentum', momentum: 0, learningRate: 1 }, ROUND).next[0];
    const adam = serverRule({ kind: 'fedadam', learningRate: 0.1, beta1: 0, beta2: 0, tau: 1e-6 }, ROUND)
      .next[0];
    for (const d of [-0.3, 0.01, 2]) {
      expect(momentum?.(d, 1, 7, 0)).toBe(1 + d);
      expect(adam?.(d, 1, 7, 9)).toBeCloseTo(1 + 0.1 * Math.sign(d), 4);
    }
  });
});

const OPTIMISERS: readonly Optimiser[] = [
  { kind: 'fedavg' },
  { kind: 'fedprox', mu: 0.1 },
  { kind: 'momentum', momentum: 0.9, learningRate: 0.7 },
  { kind: 'fedadagrad', learningRate: 0.1, beta1: 0.2, tau: 0.01 },
  { kind: 'fedadam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.001 },
  { kind: 'fedyogi', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.001 },
  { kind: 'scaffold', learningRate: 0.8 },
  { kind: 'entente', share: 0.2 },
];

describe('the state of a federation', () => {
  const quantiser = { clipNorm: 1, bits: 16 };
  const taskOf = (optimiser: Optimiser, hidden = 2) => ({
    seed: 3,
    model: { kind: 'edge-scorer', features: 'edge-v1', hidden } as const,
    training: { steps: 5, learningRate: 0.01 },
    quantiser,
    optimiser,
  });
  const sumOf = (length: number, seed: number) =>
    Uint32Array.from({ length }, (_, i) => 98_304 + (((i + 1) * (seed + 3) * 7919) % 2000) - 1000);

  test.each(OPTIMISERS.map((optimiser) => [optimiser.kind, optimiser] as const))(
    'of %s has the same bits in pieces and whole, for several rounds',
    (_, optimiser) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 90 }), (size) => {
          const federated = new FederatedModel(taskOf(optimiser), 4);
          const { length } = federated.shape;
          let state = federated.firstState();
          for (let round = 1; round <= 3; round++) {
            const [sum, before] = [sumOf(federated.sent.length, round), state];
            const behind = sum.subarray(length);
            state = federated.next(before, sum, 3, false);
            expect(state).toHaveLength(federated.sectionsAfter(false));
            const piece = federated.pieces(3, behind);
            state.forEach((whole, section) => {
              const parts = new Float32Array(federated.sectionLength(section));
              for (let from = 0; from < parts.length; from += size) {
                const to = Math.min(parts.length, from + size);
                const cut = before.map((one) => (one.length === length ? one.subarray(from, to) : one));
                const added = parts.length === 1 ? behind : sum.subarray(from, to);
                piece(section, cut, added, parts.subarray(from, to), from);
              }
              expect(parts).toEqual(whole);
            });
          }
        }),
        { numRuns: 8 },
      );
    },
  );

  test('FedAvg and FedProx add the mean; the last round of any optimiser leaves the weights alone', () => {
    for (const optimiser of OPTIMISERS) {
      const federated = new FederatedModel(taskOf(optimiser), 4);
      const start = federated.firstState();
      const sum = sumOf(federated.sent.length, 1);
      const last = federated.next(start, sum, 3, true);
      expect(last).toEqual([federated.next(start, sum, 3, false)[0]]);
      if (federated.sectionsAfter(false) > 1) continue;
      const plain = start[0].map((w, i) => w + ((sum[i] ?? 0) - 98_304) / (32_767 * 3));
      expect(last[0]).toEqual(plain);
    }
  });

  test('a sum that cannot be and a memory that breaks are named', () => {
    const federated = new FederatedModel(taskOf({ kind: 'momentum', momentum: 0.5, learningRate: 1 }), 4);
    const { length } = federated.shape;
    const next = (state: FederatedState, sum: Uint32Array) => federated.next(state, sum, 3, false);
    const sum = sumOf(length, 1);
    expect(() => next(federated.firstState(), sum.with(5, 196_606))).toThrow(/VALUE_OUT_OF_RANGE.* index 5/);
    expect(() => next(federated.firstState(), sum.subarray(1))).toThrow(/SHAPE_MISMATCH/);
    const broken = new Float32Array(length);
    broken[73] = Infinity; // the second value of b1
    expect(() =>
      federated.pieces(3, new Uint32Array(0))(1, [broken, broken], sum, new Float32Array(length), 0),
    ).toThrow(/NOT_FINITE.*Infinity at velocity of b1\[1\]/);
  });

  test('weights alone have the hash of their model; with a memory the optimiser counts', () => {
    const text = (optimiser: Optimiser, sections: number) =>
      new TextDecoder().decode(new FederatedModel(taskOf(optimiser), 4).hashStart(sections));
    const model = '{"features":"edge-v1","hidden":2,"inputs":36,"kind":"edge-scorer"}';
    for (const optimiser of OPTIMISERS) expect(text(optimiser, 1)).toBe(`cordon/v1/model\0${model}\0`);
    expect(text({ kind: 'momentum', momentum: 0.5, learningRate: 1 }, 2)).toBe(
      `cordon/v1/state\0{"architecture":${model},"optimiser":{"kind":"momentum","learningRate":1,"momentum":0.5}}\0`,
    );
    expect(new TextDecoder().decode(hashStart('x', { b: 1e-7, a: { d: 1, c: 'word' } }))).toBe(
      'x\0{"a":{"c":"word","d":1},"b":1e-7}\0',
    );
  });
});
