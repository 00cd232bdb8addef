import { expect, it } from 'vitest';
import { copyOf, withSecretWorkspace } from '../../../test/wasm-workspaces.ts';

const { loaded, secret, shares } = await withSecretWorkspace(async () => ({
  ...(await import('./ring.ts')),
  ...(await import('../../public/kernels/share.ts')),
  ...(await import('../encrypt.ts')),
  ...(await import('../one-time-key.ts')),
  ...(await import('../../identity/node-primitives.ts')),
}));
const { ChunkEncryption, SAMPLER_BYTES, combineSecretField, sampleKey } = loaded;
const { combineElements, encryptVector, nodePrimitives, OneTimeKey, sampleElements, unpackElements } = loaded;

/** The secret kernels' memory without the last packed chunk, which is what is sent and may stay. */
function snapshot(packed: Uint8Array): Buffer {
  const memory = copyOf(secret);
  const area = memory.bytes.subarray(memory.packed, memory.packed + packed.length);
  expect(area.equals(packed)).toBe(true);
  area.fill(0);
  return memory.bytes;
}

const bits = (fill: number): Uint8Array => new Uint8Array(SAMPLER_BYTES).fill(fill);
const input = (fill: number, values: Uint32Array) =>
  ({
    publicHat: (out: Uint32Array) => {
      out.fill(0);
    },
    errorBits: (out: Uint8Array) => {
      out.fill(fill);
    },
    layout: '4x19',
    valueBits: 19,
    from: 0,
    values,
  }) as const;

function encryptOnce(fill: number): Uint8Array {
  const encryption = new ChunkEncryption(sampleKey(bits(fill)).hat);
  const packed = encryption.encrypt(input(fill, new Uint32Array(4 * 4096).fill(fill)));
  encryption.end();
  return packed;
}

it('no byte of the workspace differs between two secrets after a call', () => {
  const run = (fill: number): Buffer[] => {
    const before = encryptOnce(9);
    sampleKey(bits(fill));
    const afterKey = snapshot(before);
    combineSecretField([[fill, new Uint32Array(4096).fill(fill)]]);
    const afterField = snapshot(before);
    return [afterKey, afterField, snapshot(encryptOnce(fill))];
  };
  const [first, second] = [run(0x0f), run(0x71)];
  first.forEach((memory, i) => {
    expect(memory.equals(second[i] ?? Buffer.alloc(0))).toBe(true);
  });
});

it('a key in use is in the workspace, and gone at its end, at an error, and when anything else was called', () => {
  const clean = snapshot(encryptOnce(9));
  const values = new Uint32Array(100).fill(3);
  const { hat } = sampleKey(bits(0x3c));
  const start = () => {
    const encryption = new ChunkEncryption(hat);
    const packed = encryption.encrypt(input(0x3c, values));
    expect(snapshot(packed).includes(Buffer.from(hat.buffer, 0, 64))).toBe(true); // this test can see a key
    return { encryption, packed };
  };
  const ended = start();
  ended.encryption.end();
  expect(snapshot(ended.packed).equals(clean)).toBe(true);

  const failed = start();
  const fails = (): never => {
    throw new Error('no random bits');
  };
  expect(() => failed.encryption.encrypt({ ...input(1, values), errorBits: fails })).toThrow(
    'no random bits',
  );
  expect(snapshot(failed.packed).equals(clean)).toBe(true);
  expect(() => failed.encryption.encrypt({ ...input(1, values), valueBits: 1 })).toThrow(
    /VALUE_OUT_OF_RANGE/,
  );
  expect(snapshot(failed.packed).equals(clean)).toBe(true);

  const interrupted = start();
  combineSecretField([[1, new Uint32Array(4096)]]);
  expect(snapshot(interrupted.packed).equals(clean)).toBe(true);
  expect(interrupted.encryption.encrypt(input(0x3c, values))).toEqual(interrupted.packed); // and it goes on
  const other = new ChunkEncryption(hat.slice());
  other.end(); // has nothing to wipe
  expect(snapshot(interrupted.packed).equals(clean)).toBe(false);
  interrupted.encryption.end();
  expect(snapshot(interrupted.packed).equals(clean)).toBe(true);
});

it('a vector leaves nothing behind: encrypted to its end, erased or abandoned in the middle, or refused', () => {
  const random = (length: number): Uint8Array => new Uint8Array(length).fill(0x2a);
  const vector = {
    transcriptHash: new Uint8Array(32),
    layout: '4x19',
    valueBits: 16,
    values: new Uint32Array(9 * 4096).fill(7),
  } as const;
  const clean = snapshot(encryptOnce(9));
  const begin = (values: Uint32Array = vector.values) => {
    const key = OneTimeKey.sample(random);
    const chunks = encryptVector(nodePrimitives, key, { ...vector, values });
    const { value } = chunks.next();
    const packed = value ?? new Uint8Array();
    expect(snapshot(packed).equals(clean)).toBe(false);
    return { key, chunks, packed };
  };

  const whole = begin();
  const rest = [...whole.chunks];
  expect(whole.key.step).toBe('encrypted');
  expect(snapshot(rest.at(-1) ?? new Uint8Array()).equals(clean)).toBe(true);

  const erased = begin();
  erased.key.erase();
  expect(snapshot(erased.packed).equals(clean)).toBe(true);

  const abandoned = begin();
  abandoned.chunks.return();
  expect(abandoned.key.step).toBe('erased');
  expect(snapshot(abandoned.packed).equals(clean)).toBe(true);

  const tooLong = vector.values.slice();
  tooLong[5 * 4096] = 65536;
  const refused = begin(tooLong);
  expect(() => refused.chunks.next()).toThrow(/VALUE_OUT_OF_RANGE/);
  expect(snapshot(refused.packed).equals(clean)).toBe(true);
});

it('a call that throws leaves nothing behind for the next one', () => {
  const ones = new Uint32Array(4096).fill(1);
  expect(() =>
    combineSecretField([
      [5, ones],
      [1, new Uint32Array(3)],
    ]),
  ).toThrow(/SHAPE_MISMATCH/);
  expect(combineSecretField([[1, ones]])).toEqual(ones);
  const encryption = new ChunkEncryption(new Uint32Array(3 * 4096));
  const short = encryption.encrypt(input(1, new Uint32Array(1)));
  encryption.encrypt(input(1, new Uint32Array(4 * 4096).fill(9)));
  expect(encryption.encrypt(input(1, new Uint32Array(1)))).toEqual(short);
  encryption.end();
});

it('a share leaves nothing behind: unpacked, expanded, combined, refused, or after an error', () => {
  const challenge = (area: Uint8Array): void => {
    area.fill(0x51);
  };
  combineElements(challenge, new Uint32Array(4104)); // the challenge is public, and stays
  const use = (byte: number): Buffer[] => {
    const elements = new Uint32Array(4104).fill(byte);
    const steps = [
      () => unpackElements(new Uint8Array(8721).fill(byte), elements),
      () => unpackElements(new Uint8Array(8721).fill(byte).fill(0xff, 8000), elements),
      () => sampleElements(4120, (stream) => stream.fill(byte), elements),
      () => sampleElements(100, (stream) => stream.fill(byte), elements),
      () => combineElements(challenge, elements),
    ];
    return steps.map((step) => {
      step();
      return copyOf(shares).bytes;
    });
  };
  const [first, second] = [use(0x2b), use(0x4d)];
  first.forEach((memory, i) => expect(memory.equals(second[i] ?? Buffer.alloc(0))).toBe(true));
  const fails = (stream: Uint8Array): never => {
    stream.fill(0x2b);
    throw new Error('no key stream');
  };
  expect(() => sampleElements(4120, fails, new Uint32Array(4104))).toThrow('no key stream');
  expect(copyOf(shares).bytes.equals(second.at(-1) ?? Buffer.alloc(0))).toBe(true);
});
