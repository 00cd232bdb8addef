import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ordinaryEvidence, withEvidence } from './fusion.ts';

/** A row: whether something is new, and two columns of evidence. */
const WIDTH = 3;
const columns = { novelty: [0], evidence: [1, 2] };

describe('evidence', () => {
  it('is ordinary up to what 9 of 10 benign rows with something new have', () => {
    // Evidence 0, 1, ..., 100 in any order, and as many rows without anything new, whose evidence is higher.
    const values = Array.from({ length: 101 }, (_, i) => (37 * i) % 101);
    const rows = Float32Array.from(values.flatMap((value) => [1, value, 0, 0, 1000, value]));
    expect(ordinaryEvidence(rows, WIDTH, columns)).toBe(90);
    expect(ordinaryEvidence(new Float32Array(), WIDTH, columns)).toBe(0);
  });

  it('adds what is beyond the ordinary, by its weight, where something is new', () => {
    const rows = Float32Array.from([1, 0, 0.5, 1, 1, 1.5, 0, 9, 9]);
    const fused = withEvidence(Float32Array.of(1, 2, 3), rows, WIDTH, {
      ...columns,
      ordinary: 0.5,
      weight: 2,
    });
    expect([...fused]).toEqual([1, 2 + 2 * 2, 3]);
  });

  it('never lowers a score, and more of it never makes a row less suspicious', () => {
    const value = fc.float({ min: 0, max: 4, noNaN: true });
    fc.assert(
      fc.property(
        value,
        value,
        value,
        fc.nat(10),
        value,
        fc.constantFrom(0, 1),
        (a, b, more, weight, ordinary, isNew) => {
          const score = (evidence: number) =>
            withEvidence(Float32Array.of(-1), Float32Array.of(isNew, a, evidence), WIDTH, {
              ...columns,
              ordinary,
              weight,
            })[0] ?? NaN;
          expect(score(b)).toBeGreaterThanOrEqual(-1);
          expect(score(Math.fround(b + more))).toBeGreaterThanOrEqual(score(b));
        },
      ),
    );
  });

  it('is refused for rows of another number', () => {
    const evidence = { ...columns, ordinary: 0, weight: 1 };
    expect(() => withEvidence(new Float32Array(2), new Float32Array(3), WIDTH, evidence)).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    );
  });
});
