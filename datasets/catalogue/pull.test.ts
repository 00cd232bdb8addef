import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../fixtures/collect.ts';
import { pull, type PullOptions } from './pull.ts';
import type { CatalogueEntry } from './schema.ts';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(answer: Answer): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`;
}

/** Serves the content as a plain server does, ranges included. */
const ranged: Answer = ({ headers }, response) => {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  if (from > 0)
    response.writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` });
  response.end(content.subarray(from));
};

const entry = (url: string | null, more: object = {}): CatalogueEntry => ({
  id: 'own',
  title: 't',
  publisher: 'p',
  home: 'https://example.org/',
  licence: 'l',
  cite: 'c',
  formats: [],
  access: 'direct',
  note: '',
  files: [{ path: 'deep/file.bin', url, bytes: content.length, sha256, ...more }],
});

async function inFolder(
  run: (
    out: string,
    go: (of: CatalogueEntry, options?: Partial<PullOptions>) => ReturnType<typeof pull>,
    target: string,
  ) => Promise<void>,
): Promise<void> {
  using folder = temporaryFolder();
  const target = join(folder.root, 'own', 'deep', 'file.bin');
  await run(
    folder.root,
    (of, options) => pull(of, { out: folder.root, mirror: null, only: [], ...options }),
    target,
  );
}

describe('pull', () => {
  it('downloads, checks and then only checks', async () => {
    let asked = 0;
    const url = await serve((request, response) => {
      asked++;
      ranged(request, response);
    });
    await inFolder(async (_, go, target) => {
      expect(await go(entry(url))).toEqual([
        { path: 'deep/file.bin', bytes: content.length, sha256, from: 'download', verified: true },
      ]);
      expect(readFileSync(target).equals(content)).toBe(true);
      expect(existsSync(`${target}.part`)).toBe(false);
      expect(await go(entry(url))).toMatchObject([{ from: 'present' }]);
      expect(asked).toBe(1);
    });
  });

  it('continues after a connection that broke, and asks for no byte twice', async () => {
    const asked: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      asked.push(request.headers.range);
      if (asked.length > 1) return ranged(request, response);
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 50));
    });
    await inFolder(async (_, go, target) => {
      await expect(go(entry(url))).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
      expect(existsSync(target)).toBe(false);
      const have = readFileSync(`${target}.part`);
      expect(have.equals(content.subarray(0, have.length))).toBe(true);
      await go(entry(url));
      expect(asked).toEqual([undefined, `bytes=${have.length}-`]);
      expect(readFileSync(target).equals(content)).toBe(true);
    });
  });

  it('begins anew where the server knows no ranges or what is there is too long', async () => {
    const url = await serve((_, response) => void response.end(content));
    await inFolder(async (_, go, target) => {
      mkdirSync(join(target, '..'), { recursive: true });
      for (const left of [content.subarray(0, 1000), Buffer.concat([content, content])]) {
        writeFileSync(`${target}.part`, left);
        await go(entry(url));
        expect(readFileSync(target).equals(content)).toBe(true);
        writeFileSync(target, '');
        await expect(go(entry(url))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
        rmSync(target);
      }
    });
  });

  it.each([
    [
      'other bytes',
      (_: IncomingMessage, r: ServerResponse) => void r.end(randomBytes(content.length)),
      'DIGEST_MISMATCH',
    ],
    [
      'more bytes',
      (_: IncomingMessage, r: ServerResponse) => void r.end(Buffer.concat([content, content])),
      'DOWNLOAD_FAILED',
    ],
    [
      'fewer bytes',
      (_: IncomingMessage, r: ServerResponse) => void r.end(content.subarray(1)),
      'DOWNLOAD_FAILED',
    ],
    ['status 404', (_: IncomingMessage, r: ServerResponse) => void r.writeHead(404).end(), 'DOWNLOAD_FAILED'],
    [
      'a redirect to plain HTTP elsewhere',
      (_: IncomingMessage, r: ServerResponse) =>
        void r.writeHead(302, { location: 'http://192.0.2.1/' }).end(),
      'DOWNLOAD_FAILED',
    ],
    [
      'a redirect to itself',
      (_: IncomingMessage, r: ServerResponse) => void r.writeHead(302, { location: '/file' }).end(),
      'DOWNLOAD_FAILED',
    ],
    ['silence', () => undefined, 'DOWNLOAD_FAILED'],
  ])('refuses %s, and the file never gets its name', async (_, answer, code) => {
    const url = await serve(answer);
    await inFolder(async (__, go, target) => {
      await expect(go(entry(url), { silentMs: 300 })).rejects.toMatchObject({ code });
      expect(existsSync(target)).toBe(false);
      if (code === 'DIGEST_MISMATCH') expect(existsSync(`${target}.part`)).toBe(false);
    });
  });

  it('bounds a file whose size nobody states', async () => {
    const url = await serve(ranged);
    await inFolder(async (_, go, target) => {
      const unknown = entry(url, { bytes: null, sha256: null });
      await expect(go(unknown, { mostBytes: 1000 })).rejects.toThrow('1000');
      expect(await go(unknown)).toMatchObject([{ verified: false, sha256 }]);
      expect(readFileSync(target).equals(content)).toBe(true);
    });
  });

  it('takes files from a mirror in three layouts, checks them, and asks no network', async () => {
    await inFolder(async (out, go, target) => {
      for (const layout of ['own/deep/file.bin', 'deep/file.bin', 'file.bin']) {
        const mirror = join(out, 'mirror', layout.replaceAll('/', '_'));
        mkdirSync(join(mirror, layout, '..'), { recursive: true });
        writeFileSync(join(mirror, layout), content);
        expect(await go(entry('http://127.0.0.1:1/'), { mirror })).toMatchObject([{ from: 'mirror' }]);
        rmSync(target);
        writeFileSync(join(mirror, layout), 'x');
        await expect(go(entry(null), { mirror })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
        expect(existsSync(`${target}.part`)).toBe(false);
      }
      await expect(go(entry(null), { mirror: out })).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    });
  });

  it('says where a person gets what no program may ask for', async () => {
    await inFolder(async (_, go) => {
      await expect(go(entry(null))).rejects.toThrow('asks before');
    });
  });

  it('wants what a part of the path or a glob names, and says when that is nothing', async () => {
    const url = await serve(ranged);
    await inFolder(async (_, go) => {
      expect(await go(entry(url), { only: ['deep/*.bin'] })).toHaveLength(1);
      await expect(go(entry(url), { only: ['*.zip'] })).rejects.toMatchObject({ code: 'USAGE' });
    });
  });

  it('refuses before the first byte what cannot fit', async () => {
    await inFolder(async (out, go) => {
      await expect(go(entry('https://example.org/x', { bytes: 2 ** 44 }))).rejects.toMatchObject({
        code: 'DISK_FULL',
      });
      expect(existsSync(join(out, 'own'))).toBe(false);
    });
  });
});
