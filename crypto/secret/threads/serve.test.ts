import { expect, it } from 'vitest';
import { copyOf, withSecretWorkspace } from '../../../test/wasm-workspaces.ts';
import type { FromThread } from './messages.ts';

const { loaded, secret } = await withSecretWorkspace(async () => ({
  ...(await import('./serve.ts')),
  ...(await import('./messages.ts')),
  ...(await import('../kernels/ring.ts')),
}));
const { serveEncryption, placeIn, sharedMemory, SAMPLER_BYTES, sampleKey } = loaded;

const shape = { transcriptHash: new Uint8Array(32), layout: '3x26', valueBits: 16, group: 0 } as const;

/** The kernels' memory without the packed chunk, which is what is sent. */
function memory(): Buffer {
  const { bytes, packed } = copyOf(secret);
  return bytes.fill(0, packed, packed + 46080);
}

function start(seed: number) {
  const replies: FromThread[] = [];
  const take = serveEncryption((message) => replies.push(message));
  const secrets = {
    hat: sampleKey(new Uint8Array(SAMPLER_BYTES).fill(seed)).hat,
    noiseSeed: new Uint8Array(32).fill(seed),
  };
  const clean = memory();
  const shared = sharedMemory(2);
  take({ type: 'begin', secrets, shape, shared });
  const ask = (place: number, value: number): void => {
    placeIn(shared, place).values.fill(value, 0, 3 * 4096);
    take({ type: 'chunk', index: 0, place, count: 3 * 4096 });
  };
  return { replies, take, secrets, clean, shared, ask };
}

it('a thread wipes values before it replies, and everything at the end of the vector', () => {
  const { replies, take, secrets, clean, shared, ask } = start(0x35);
  expect(secrets.noiseSeed.every((byte) => byte === 0)).toBe(true);
  ask(1, 7);
  expect(replies).toEqual([{ type: 'packed', index: 0, place: 1 }]);
  expect(placeIn(shared, 1).values.every((value) => value === 0)).toBe(true);
  expect(placeIn(shared, 1).packed.some((byte) => byte !== 0)).toBe(true);
  expect(memory().equals(clean)).toBe(false); // the key is there while its vector lasts
  take({ type: 'end' });
  expect(replies.at(-1)).toEqual({ type: 'ended' });
  expect(memory().equals(clean)).toBe(true);
  expect(secrets.hat.every((word) => word === 0)).toBe(true);
});

it('a refused value ends the vector of the thread at once; chunks after it fail and encrypt nothing', () => {
  const { replies, secrets, clean, shared, ask } = start(0x36);
  ask(0, 65536);
  expect(replies).toMatchObject([{ type: 'failed', index: 0, refusal: { code: 'VALUE_OUT_OF_RANGE' } }]);
  expect(placeIn(shared, 0).values.every((value) => value === 0)).toBe(true);
  expect(memory().equals(clean)).toBe(true);
  expect(secrets.hat.every((word) => word === 0)).toBe(true);
  ask(0, 1);
  expect(replies.at(-1)).toMatchObject({ type: 'failed', refusal: null });
  expect(placeIn(shared, 0).packed.every((byte) => byte === 0)).toBe(true);
});

it('the next vector overwrites the one before, should its end be missing', () => {
  const first = start(0x37);
  first.ask(0, 3);
  const other = sampleKey(new Uint8Array(SAMPLER_BYTES).fill(1));
  first.take({
    type: 'begin',
    secrets: { hat: other.hat, noiseSeed: new Uint8Array(32) },
    shape,
    shared: first.shared,
  });
  expect(first.secrets.hat.every((word) => word === 0)).toBe(true);
  expect(memory().equals(first.clean)).toBe(true);
});
