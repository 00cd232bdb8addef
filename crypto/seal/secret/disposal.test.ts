import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { JointQuery } from '../../../test/joint-federation.ts';
import { BfvContext } from '../public/bfv-context.ts';
import { encodeMask, maskedSum, prepare } from '../public/evaluate.ts';
import { finalise } from '../public/finalise.ts';
import { JointCiphertext } from '../public/joint-ciphertext.ts';
import { loadSeal } from '../public/runtime.ts';
import { savedBytes } from '../public/saved.ts';
import { plaintextResidues } from '../public/serial.ts';
import { ternaryKey } from './joint-share.ts';

/** Objects of SEAL that were made and not deleted: embind makes each with Object.create and a property `$$`. */
let live = 0;
/** The WebAssembly memory of SEAL. */
let memory: { readonly buffer: ArrayBuffer } | null = null;

interface Handle {
  isDeleted(): boolean;
}

/** Counts from here on. */
function watch(): void {
  const create = Object.create.bind(Object);
  const patched = new Set<object>();
  vi.spyOn(Object, 'create').mockImplementation(
    (prototype: object | null, properties?: PropertyDescriptorMap) => {
      const object = (properties === undefined ? create(prototype) : create(prototype, properties)) as object;
      if (properties === undefined || !Object.hasOwn(properties, '$$')) return object;
      live++;
      let root = object;
      while (!Object.hasOwn(root, 'delete')) root = Object.getPrototypeOf(root) as object;
      if (!patched.has(root)) {
        patched.add(root);
        for (const name of ['delete', Symbol.dispose]) {
          const original = Reflect.get(root, name) as (this: Handle) => void;
          Reflect.set(root, name, function counted(this: Handle) {
            const alive = !this.isDeleted();
            original.call(this);
            if (alive && this.isDeleted()) live--;
          });
        }
      }
      return object;
    },
  );
  const wasm = (
    globalThis as unknown as { WebAssembly: { instantiate: (...input: unknown[]) => Promise<unknown> } }
  ).WebAssembly;
  const instantiate = wasm.instantiate.bind(wasm);
  vi.spyOn(wasm, 'instantiate').mockImplementation(async (...input) => {
    const result = (await instantiate(...input)) as { instance: { exports: Record<string, unknown> } };
    const found = Object.values(result.instance.exports).find(
      (one) => (one as { buffer?: unknown }).buffer instanceof ArrayBuffer,
    );
    memory = found as typeof memory;
    return result;
  });
}

let context: BfvContext;
beforeAll(async () => {
  watch();
  context = await BfvContext.create('worlds8192');
});
afterAll(() => {
  vi.restoreAllMocks();
});

/** One query from beginning to end. */
function wholeQuery(): void {
  using query = new JointQuery(context, 2);
  const { encryptor } = query.join();
  const { degree } = context.parameters;
  using x = encryptor.encrypt(new Uint32Array(degree).fill(1));
  using factor = prepare(x);
  using mask = encodeMask(context, x.level, new Uint32Array(degree).fill(7));
  using zero = encryptor.encryptZero(x.level);
  using target = maskedSum(context, [{ factor, mask }], [zero]);
  const { sum } = query.blind(target, encryptor);
  finalise(
    sum,
    query.members.map((member) => query.share(member).answer(sum)),
  );
}

/** Ways to fail, at every place where objects of SEAL are open. */
function failures(): void {
  using query = new JointQuery(context, 2);
  const { degree } = context.parameters;
  const fail = (call: () => unknown): void => expect(call).toThrow(/[A-Z]+_[A-Z]+/);
  fail(() => JointCiphertext.fromBytes(context, 1, new Uint8Array(14 * degree).fill(255)));
  fail(() => context.ring.negate(new BigUint64Array(degree).fill(2n ** 63n)));
  fail(() => context.ring.multiplier(new BigUint64Array(4 * degree).fill(2n ** 63n)));
  fail(() => encodeMask(context, 9, new Uint32Array(degree).fill(1)));
  fail(() => encodeMask(context, 1, new Uint32Array(degree).fill(65537)));
  fail(() => new JointQuery(context, 2, { crossings: 9 }));
  fail(() => query.share('org-1').reveal([]));
  const commitments = query.commitments();
  const reveals = query.reveals(commitments);
  fail(() => query.share('org-1').reveal(commitments));
  const proof = reveals[0]?.proof.slice().reverse() ?? new Uint8Array();
  const [first, second] = reveals;
  if (first === undefined || second === undefined) throw new Error('two members reveal');
  const aggregate = { ...first, proof };
  fail(() => query.aggregate(commitments, [aggregate, second]));
  const jointKey = query.own(query.aggregate(commitments, reveals));
  for (const member of query.members) query.share(member).join(jointKey);
}

it('leaves no object of SEAL behind after many queries, finished, failed and given up', () => {
  const before = live;
  expect(before).toBeGreaterThan(5); // the context itself: the count counts
  const extra = new context.seal.Ciphertext();
  expect(live).toBe(before + 1);
  extra.delete();
  for (let i = 0; i < 4; i++) wholeQuery();
  expect(live).toBe(before);
  for (let i = 0; i < 3; i++) failures();
  expect(live).toBe(before);
});

it('does not grow its WebAssembly memory over queries once it is warm', () => {
  wholeQuery();
  const before = memory?.buffer.byteLength ?? 0;
  expect(before).toBeGreaterThan(1e6);
  for (let i = 0; i < 12; i++) wholeQuery();
  for (let i = 0; i < 3; i++) failures();
  expect(memory?.buffer.byteLength).toBe(before);
});

it('SEAL has no source of randomness but crypto.getRandomValues: where that repeats, its keys repeat', async () => {
  const seal = await loadSeal();
  const sample = (): BigUint64Array => {
    using key = ternaryKey(seal, context.context);
    return plaintextResidues(savedBytes(seal, key));
  };
  expect(sample()).not.toEqual(sample());
  const spy = vi.spyOn(globalThis.crypto, 'getRandomValues');
  sample();
  expect(spy).toHaveBeenCalled();
  spy.mockImplementation((array) => {
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).fill(9);
    return array;
  });
  try {
    expect(sample()).toEqual(sample());
  } finally {
    spy.mockRestore();
  }
  expect(sample()).not.toEqual(sample());
});

it('disposes of a context with everything in it', () => {
  context[Symbol.dispose]();
  expect(live).toBe(0);
});
