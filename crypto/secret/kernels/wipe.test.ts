import { expect, it } from 'vitest';

/** What this test reads of an instance. */
interface Workspace {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly wipe?: () => void;
}
interface Constructor {
  Instance: new (module: object, imports: object) => { readonly exports: Workspace };
}

it('no byte of the workspace differs between two secrets after a call', async () => {
  const wasm = (globalThis as unknown as { WebAssembly: Constructor }).WebAssembly;
  const Original = wasm.Instance;
  const workspaces: Workspace[] = [];
  wasm.Instance = class extends Original {
    constructor(module: object, imports: object) {
      super(module, imports);
      workspaces.push(this.exports);
    }
  };
  const { SAMPLER_BYTES, combineSecretField, encryptChunk, sampleKey } = await import('./ring.ts');
  wasm.Instance = Original;
  const secret = workspaces.find((one) => one.wipe !== undefined);
  if (secret === undefined) throw new Error('the secret kernels were not loaded');

  const snapshot = (): Buffer => Buffer.from(secret.memory.buffer.slice(0));
  const publicHat = new Uint32Array(3 * 4096);
  const run = (fill: number): Buffer[] => {
    const bits = new Uint8Array(SAMPLER_BYTES).fill(fill);
    const { hat } = sampleKey(bits);
    const afterKey = snapshot();
    combineSecretField([[fill, new Uint32Array(4096).fill(fill)]]);
    const afterField = snapshot();
    const values = new Uint32Array(4 * 4096).fill(fill);
    const packed = encryptChunk({ keyHat: hat, publicHat, errorBits: bits, layout: '4x19', values });
    const at = snapshot();
    // The ciphertext itself may stay: it is what is sent.
    const found = at.indexOf(Buffer.from(packed));
    expect(found).toBeGreaterThan(0);
    at.fill(0, found, found + packed.length);
    return [afterKey, afterField, at];
  };
  run(0x55); // the packed area is now in use
  const first = run(0x0f);
  const second = run(0x71);
  expect(first[2]?.equals(second[2] ?? Buffer.alloc(0))).toBe(true);
  // Before an encryption the area of the packed chunk still holds the one before: compare with itself.
  expect(first[0]?.equals(first[1] ?? Buffer.alloc(0))).toBe(true);
  expect(second[0]?.equals(second[1] ?? Buffer.alloc(0))).toBe(true);
});

it('a call that throws leaves nothing behind for the next one', async () => {
  const { SAMPLER_BYTES, combineSecretField, encryptChunk } = await import('./ring.ts');
  const ones = new Uint32Array(4096).fill(1);
  expect(() =>
    combineSecretField([
      [5, ones],
      [1, new Uint32Array(3)],
    ]),
  ).toThrow(/SHAPE_MISMATCH/);
  expect(combineSecretField([[1, ones]])).toEqual(ones);
  const input = {
    keyHat: new Uint32Array(3 * 4096),
    publicHat: new Uint32Array(3 * 4096),
    errorBits: new Uint8Array(SAMPLER_BYTES),
    layout: '3x26',
  } as const;
  const short = encryptChunk({ ...input, values: new Uint32Array(1) });
  encryptChunk({ ...input, values: new Uint32Array(3 * 4096).fill(9) });
  expect(encryptChunk({ ...input, values: new Uint32Array(1) })).toEqual(short);
});
