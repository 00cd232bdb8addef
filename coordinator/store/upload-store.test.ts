import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OpenFile } from '../../crypto/identity/open-file.ts';
import type { ManifestMessage } from '../../protocol/messages/manifest.ts';
import { UploadStore } from './upload-store.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const BLOB = Uint8Array.from({ length: 1000 }, (_, i) => (i * 31) % 256);

function manifest(blob: Uint8Array, changes: Partial<ManifestMessage> = {}): ManifestMessage {
  return {
    consortium: 'test',
    round: 3,
    member: 'org-1',
    transcriptHash: '0'.repeat(64),
    chunks: 1,
    chunkRoot: '0'.repeat(64),
    blobBytes: blob.length,
    blobHash: sha256(blob),
    shares: [],
    lowDegree: '',
    signature: '',
    ...changes,
  };
}

async function* body(...pieces: (Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await Promise.resolve();
    if (piece instanceof Error) throw piece;
    yield piece;
  }
}

const unchecked = () => Promise.resolve(new Uint8Array(32));
let folder = '';
let store: UploadStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-uploads-'));
  store = new UploadStore(folder, unchecked);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const stored = (m: ManifestMessage) => readFile(store.path(m));

describe('upload store', () => {
  it('takes a blob in pieces and names it only when it is whole and has its digest', async () => {
    const m = manifest(BLOB);
    expect(await store.begin('a', m)).toBe(0);
    expect(await store.append('a', 0, body(BLOB.subarray(0, 300), BLOB.subarray(300, 400)))).toBe(false);
    await expect(stored(m)).rejects.toThrow();
    expect(store.isComplete('a')).toBe(false);
    expect(await store.append('a', 400, body(BLOB.subarray(400)))).toBe(true);
    expect(new Uint8Array(await stored(m))).toEqual(BLOB);
    expect(await store.append('a', 0, body(BLOB))).toBe(true); // said again: nothing is written
    expect(await store.begin('a', m)).toBe(BLOB.length);
  });

  it('keeps what arrived before the connection broke, and goes on from there', async () => {
    const m = manifest(BLOB);
    await store.begin('a', m);
    const broken = store.append('a', 0, body(BLOB.subarray(0, 123), new Error('aborted')));
    await expect(broken).rejects.toMatchObject({
      code: 'MESSAGE_MALFORMED',
      got: 'a connection that broke off',
    });
    expect(store.offset('a')).toBe(123);
    expect(await store.begin('a', m)).toBe(123);
    expect(await store.append('a', 123, body(BLOB.subarray(123)))).toBe(true);
    expect(new Uint8Array(await stored(m))).toEqual(BLOB);
  });

  it('looks into a blob that has its digest before it names it; what is wrong in it removes it', async () => {
    const m = manifest(BLOB);
    const seen: Uint8Array[] = [];
    let wrong: Error | null = new Error('a share is wrong');
    store = new UploadStore(folder, async ({ manifest: given, path }) => {
      expect(given).toBe(m);
      seen.push(await readFile(path));
      if (wrong) throw wrong;
      return Uint8Array.of(1, 2, 3);
    });
    await store.begin('a', m);
    await expect(store.append('a', 0, body(BLOB))).rejects.toBe(wrong);
    expect(await readdir(join(folder, '3'))).toEqual([]);
    expect(store.offset('a')).toBeNull();
    wrong = null;
    await store.begin('a', m);
    expect(await store.append('a', 0, body(BLOB))).toBe(true);
    expect(seen.map((bytes) => new Uint8Array(bytes))).toEqual([BLOB, BLOB]);
    // What the look gave stands beside the blob.
    expect([...(await readFile(store.treePath(m)))]).toEqual([1, 2, 3]);
  });

  it('keeps its folders to itself', async () => {
    store = new UploadStore(join(folder, 'uploads'), unchecked);
    await store.begin('a', manifest(BLOB));
    if (process.platform === 'win32') return;
    for (const name of ['uploads', 'uploads/3'])
      expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o700]);
  });

  it('refuses another offset, an unknown upload, and a second request while one is going on', async () => {
    const m = manifest(BLOB);
    await expect(store.append('a', 0, body(BLOB))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await store.begin('a', m);
    for (const offset of [1, 1000, 2000, -1, NaN]) {
      await expect(store.append('a', offset, body(BLOB))).rejects.toMatchObject({ code: 'OFFSET_MISMATCH' });
    }
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* slow() {
      yield BLOB.subarray(0, 10);
      await gate;
      yield BLOB.subarray(10);
    }
    const first = store.append('a', 0, slow());
    await expect(store.append('a', 0, body(BLOB))).rejects.toMatchObject({ code: 'OFFSET_MISMATCH' });
    release();
    expect(await first).toBe(true);
    expect(new Uint8Array(await stored(m))).toEqual(BLOB);
  });

  it('removes the partial file of a blob that is too long or has another digest; the next attempt starts anew', async () => {
    const m = manifest(BLOB);
    await store.begin('a', m);
    const longer = store.append('a', 0, body(BLOB, Uint8Array.of(1)));
    await expect(longer).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    expect(await readdir(join(folder, '3'))).toEqual([]);
    expect(store.offset('a')).toBeNull();
    await store.begin('a', m);
    const wrong = store.append('a', 0, body(BLOB.map((byte) => byte ^ 1)));
    await expect(wrong).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(await readdir(join(folder, '3'))).toEqual([]);
    expect(await store.begin('a', m)).toBe(0);
    expect(await store.append('a', 0, body(BLOB))).toBe(true);
  });

  it('a new attempt of the member replaces one that is not whole, never one that is', async () => {
    const [first, second, third] = [0, 1, 2].map((n) => manifest(BLOB.map((byte) => byte ^ n)));
    if (!first || !second || !third) throw new Error('three manifests');
    await store.begin('a', first);
    await store.append('a', 0, body(BLOB.subarray(0, 10)));
    await store.begin('b', second);
    expect(store.offset('a')).toBeNull();
    await store.append('b', 0, body(BLOB.map((byte) => byte ^ 1)));
    // Between its last byte and its receipt the blob of `b` must stay what it is, whatever else the member sends.
    await store.begin('c', third);
    await store.append('c', 0, body(BLOB.map((byte) => byte ^ 2)));
    expect(sha256(await stored(second))).toBe(second.blobHash);
    expect(sha256(await stored(third))).toBe(third.blobHash);
  });

  it('a new attempt waits for the request of the one before: two with one content would write to one file', async () => {
    const [first, second] = [manifest(BLOB), manifest(BLOB, { chunkRoot: '1'.repeat(64) })];
    expect(store.path(second)).toBe(store.path(first));
    let release: () => void = () => undefined;
    const looked = new Promise<void>((resolve) => {
      store = new UploadStore(folder, async () => {
        resolve();
        await new Promise<void>((go) => {
          release = go;
        });
        return new Uint8Array(32);
      });
    });
    await store.begin('a', first);
    const accepted = store.append('a', 0, body(BLOB));
    await looked;
    await expect(store.begin('b', second)).rejects.toMatchObject({ code: 'OFFSET_MISMATCH' });
    release();
    expect(await accepted).toBe(true);
    expect(await store.begin('b', second)).toBe(0);
    expect(new Uint8Array(await stored(first))).toEqual(BLOB);
  });

  it('the same manifest twice at once opens one upload', async () => {
    const m = manifest(BLOB);
    expect(await Promise.all([store.begin('a', m), store.begin('a', m)])).toEqual([0, 0]);
    expect(await store.append('a', 0, body(BLOB))).toBe(true);
  });

  it('a piece that a full disk took half of is written over when it comes again', async () => {
    const m = manifest(BLOB);
    await store.begin('a', m);
    await store.append('a', 0, body(BLOB.subarray(0, 100)));
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    const spy = vi.spyOn(OpenFile.prototype, 'write').mockImplementationOnce(async function (
      this: OpenFile,
      bytes: Uint8Array,
      position: number,
    ) {
      await this.write(bytes.subarray(0, 50), position);
      throw full;
    });
    await expect(store.append('a', 100, body(BLOB.subarray(100)))).rejects.toBe(full);
    spy.mockRestore();
    expect(store.offset('a')).toBe(100);
    expect(await store.append('a', 100, body(BLOB.subarray(100)))).toBe(true);
    expect(new Uint8Array(await stored(m))).toEqual(BLOB);
  });

  it('a disk that fails as the blob is read again leaves no half-named blob, and the member can send again', async () => {
    const m = manifest(BLOB);
    const check = vi.fn(unchecked).mockRejectedValueOnce(new Error('EIO'));
    store = new UploadStore(folder, check);
    await store.begin('a', m);
    await expect(store.append('a', 0, body(BLOB))).rejects.toThrow('EIO');
    expect(await store.begin('a', m)).toBe(0);
    expect(await store.append('a', 0, body(BLOB))).toBe(true);
  });

  it('forgets the rounds before, those of an earlier process too, and touches nothing else', async () => {
    for (const [id, round] of [
      ['a', 1],
      ['b', 2],
      ['c', 10],
    ] as const) {
      await store.begin(id, manifest(BLOB, { round }));
      await store.append(id, 0, body(BLOB.subarray(0, 10)));
    }
    await store.close();
    store = new UploadStore(folder, unchecked);
    await store.begin('d', manifest(BLOB, { round: 9 }));
    await store.dropBefore(9);
    expect((await readdir(folder)).sort()).toEqual(['10', '9']);
    expect(store.offset('d')).toBe(0);
    await store.dropBefore(10);
    expect(store.offset('d')).toBeNull();
    await expect(store.append('d', 0, body(BLOB))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('an upload whose round is dropped while it runs fails without harm', async () => {
    await store.begin('a', manifest(BLOB));
    async function* dropping() {
      yield BLOB.subarray(0, 10);
      await store.dropBefore(4);
      yield BLOB.subarray(10);
    }
    await expect(store.append('a', 0, dropping())).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
  });

  it('an upload that is looked into as its round is dropped puts no more files into the folder', async () => {
    let release = () => undefined as void;
    const looking = new Promise<void>((resolve) => {
      store = new UploadStore(folder, async () => {
        resolve();
        await new Promise<void>((done) => (release = done));
        return unchecked();
      });
    });
    await store.begin('a', manifest(BLOB));
    // Of so many bytes that the folder is not removed in one go.
    await store.begin('b', manifest(BLOB, { member: 'org-2', blobBytes: 5_000_000 }));
    const appended = store.append('a', 0, body(BLOB));
    await looking;
    const dropped = store.dropBefore(4);
    release();
    await expect(appended).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await dropped;
    expect(await readdir(folder)).toEqual([]);
  });
});
