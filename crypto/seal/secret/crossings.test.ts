import { expect, it } from 'vitest';
import { JointQuery } from '../../../test/joint-federation.ts';
import { systemRandom } from '../../identity/node-primitives.ts';
import { BfvContext } from '../public/bfv-context.ts';
import { encodeMask, maskedSum, prepare, switchTo } from '../public/evaluate.ts';
import type { Slots } from '../public/evaluate.ts';
import { finalise } from '../public/finalise.ts';
import { JointCiphertext } from '../public/joint-ciphertext.ts';
import { sampleNonzero } from './blind.ts';

/** Worlds in which a link is open: one bit of the byte that the seed gives a world. */
function worlds(degree: number, seed: number): Slots {
  return Uint32Array.from({ length: degree }, (_, i) =>
    Number((Math.imul(i + 1, seed * 2 + 1) >>> 13) % 3 > 0),
  );
}

it('six crossings of two domains in 16,384 worlds: nonzero is exactly where plain reachability is, at every level of the plan', async () => {
  using context = await BfvContext.create('worlds16384');
  using query = new JointQuery(context, 2, { crossings: 6, terms: 2 });
  const { plan } = query.session;
  const { degree } = context.parameters;
  const { encryptor } = query.join();
  const oracle = query.oracle();

  // two border services each; x_1: compromised at the beginning in few worlds
  const start = [worlds(degree, 3).map((v, i) => v & Number(i % 5 === 0)), new Uint32Array(degree)];
  let plain: Slots[] = start.map((one) => one.slice());
  const firsts = start.map((slots) => query.own(encryptor.encrypt(slots)));
  let current: JointCiphertext[] = firsts;
  for (let crossing = 0; crossing < plan.use.crossings; crossing++) {
    const level = plan.levels[crossing]!;
    const links = [0, 1].map((to) => [0, 1].map((from) => worlds(degree, 7 + 5 * crossing + 2 * to + from)));
    const factors = current.map((x) => query.own(prepare(x)));
    const next = [0, 1].map((to) => {
      const products = factors.map((factor, from) => {
        const r = sampleNonzero(systemRandom, degree);
        const mask = query.own(
          encodeMask(
            context,
            level,
            r.map((v, i) => v * (links[to]![from]![i] ?? 0)),
          ),
        );
        return { factor, mask };
      });
      using zero = encryptor.encryptZero(level);
      using first = switchTo(firsts[to]!, level);
      using y = maskedSum(context, products, [zero, first]);
      using lower = switchTo(y, plan.levels[crossing + 1]!);
      // over the wire to the next domain
      return query.own(JointCiphertext.fromBytes(context, lower.level, lower.toBytes()));
    });
    plain = [0, 1].map((to) =>
      start[to]!.map((v, i) =>
        Number(v > 0 || [0, 1].some((from) => plain[from]![i]! > 0 && links[to]![from]![i]! > 0)),
      ),
    );
    current = next;
  }
  const target = current[1]!;
  expect(target.level).toBe(plan.targetLevel);
  const { sum } = query.blind(target, encryptor);
  const opened = finalise(
    sum,
    query.members.map((member) => query.share(member).answer(sum)),
  );
  expect(opened).toEqual(query.decrypt(oracle, sum.ciphertext));
  const reached = plain[1]!;
  expect(reached.filter((v) => v > 0).length).toBeGreaterThan(1000);
  expect(reached.filter((v) => v === 0).length).toBeGreaterThan(1000);
  // never a false one; a false zero where random factors cancel: one in 65,537 for each of eight sums
  expect(opened.filter((v, i) => v !== 0 && reached[i] === 0).length).toBe(0);
  expect(opened.filter((v, i) => v === 0 && reached[i] !== 0).length).toBeLessThan(20);
}, 90_000);
