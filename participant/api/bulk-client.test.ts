import { type RequestListener, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { CordonError } from '../../protocol/errors.ts';
import { CODEC_LIMITS } from '../../protocol/codec/limits.ts';
import { BulkClient } from './bulk-client.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A client of a server that answers as the test says. */
async function clientOf(listener: RequestListener): Promise<BulkClient> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new BulkClient(`http://127.0.0.1:${port}/`, () => 'token');
}

async function refusal(work: Promise<unknown>): Promise<CordonError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof CordonError) return error;
  throw new Error(`no CordonError but ${String(error)}`);
}

/** Takes a stream to its end. */
async function drained(pieces: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const piece of pieces) bytes += piece.length;
  return bytes;
}

describe('answers of the bulk plane', () => {
  it('that never end are given up at their bound, not taken into memory', async () => {
    let sent = 0;
    const client = await clientOf((_request, response) => {
      const piece = Buffer.alloc(64 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(piece)) sent += piece.length;
        sent += piece.length;
      };
      response.on('drain', more);
      more();
    });
    const before = process.memoryUsage().rss;
    expect((await refusal(drained(client.sum(1, 1000)))).code).toBe('MESSAGE_TOO_LARGE');
    expect((await refusal(client.log(0))).code).toBe('MESSAGE_TOO_LARGE');
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
    expect(sent).toBeLessThan(100e6);
  });

  it('that break off in the middle are a coordinator that cannot be reached, never a fault of this site', async () => {
    const client = await clientOf((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('x'.repeat(100));
      setTimeout(() => response.destroy(), 20);
    });
    expect((await refusal(drained(client.sum(1, 1000)))).code).toBe('COORDINATOR_UNREACHABLE');
    expect((await refusal(client.log(0))).code).toBe('COORDINATOR_UNREACHABLE');
  });

  it('that are shorter than what the log promises are refused', async () => {
    const client = await clientOf((_request, response) => response.end('short'));
    expect((await refusal(drained(client.sum(1, 1000)))).code).toBe('DIGEST_MISMATCH');
    expect((await refusal(client.shares(1, 1, 6))).code).toBe('DIGEST_MISMATCH');
  });

  it.each([
    [404, 'text/html', '<html>nginx</html>', 'COORDINATOR_UNREACHABLE', 'HTTP status 404'],
    [400, 'application/json', '{"code":"NO_SUCH_CODE"}', 'COORDINATOR_UNREACHABLE', 'HTTP status 400'],
    [400, 'application/json', '{"code":"constructor"}', 'COORDINATOR_UNREACHABLE', 'HTTP status 400'],
    [400, 'application/json', 'null', 'COORDINATOR_UNREACHABLE', 'HTTP status 400'],
    [
      409,
      'application/json',
      '{"code":"ROUND_CLOSED","expected":"a","got":"b","next":"c"}',
      'ROUND_CLOSED',
      'b',
    ],
    [409, 'application/json', '{"code":"ROUND_CLOSED","got":{"a":1}}', 'ROUND_CLOSED', ''],
    [
      409,
      'application/json',
      '{"code":"STALE_ROUND","got":"\\u001b[2J\\ud800"}',
      'STALE_ROUND',
      ' [2J\ufffd',
    ],
    [
      500,
      'application/json',
      '{"code":"INTERNAL","got":"oops"}',
      'COORDINATOR_UNREACHABLE',
      'HTTP status 500, INTERNAL: oops',
    ],
    [
      507,
      'application/json',
      '{"code":"DISK_FULL","got":"full"}',
      'COORDINATOR_UNREACHABLE',
      'HTTP status 507, DISK_FULL: full',
    ],
  ])('of status %i as %s %s are understood as %s', async (status, type, body, code, got) => {
    const client = await clientOf((_request, response) => {
      response.writeHead(status, { 'content-type': type, location: 'http://127.0.0.1:9/admin' });
      response.end(body);
    });
    const error = await refusal(drained(client.sum(1, 10)));
    expect([error.code, error.got]).toEqual([code, got]);
  });

  it('that redirect elsewhere are never taken for an answer', async () => {
    const client = await clientOf((_request, response) => {
      response.writeHead(302, { location: '/elsewhere' });
      response.end();
    });
    expect((await refusal(drained(client.sum(1, 10)))).code).toBe('COORDINATOR_UNREACHABLE');
  });

  it('of status 200 that are not what they should be are refused by their schema', async () => {
    const client = await clientOf((_request, response) => response.end('<html>welcome to the hotel</html>'));
    expect((await refusal(client.log(0))).code).toBe('MESSAGE_MALFORMED');
    expect((await refusal(client.json('GET', '/v1/runs'))).code).toBe('MESSAGE_MALFORMED');
  });

  it('that do not come at all name the address', async () => {
    const client = await clientOf(() => undefined);
    server?.close();
    const error = await refusal(drained(client.sum(1, 10)));
    expect(error.code).toBe('COORDINATOR_UNREACHABLE');
    expect(error.expected).toContain('http://127.0.0.1:');
  });
});

describe('blocks of an upload', () => {
  it('are exactly the asked-for part of the file, and a refusal before the end is understood', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cordon-bulk-'));
    const path = join(folder, 'blob');
    await writeFile(path, Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251)));
    let got = Buffer.alloc(0);
    const client = await clientOf((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        got = Buffer.concat(parts);
        response.writeHead(409);
        response.end('{"code":"OFFSET_MISMATCH","expected":"1","got":"2","next":"3"}');
      });
    });
    expect((await refusal(client.sendBlock('a', path, 100, 50))).code).toBe('OFFSET_MISMATCH');
    expect([...got]).toEqual(Array.from({ length: 50 }, (_, i) => (100 + i) % 251));
    expect((await refusal(client.sendBlock('a', join(folder, 'missing'), 0, 10))).code).toBe(
      'DATA_NOT_FOUND',
    );
    // A block is more than what is read at once: it goes as it is read.
    const large = Buffer.from(Array.from({ length: 700_000 }, (_, i) => i % 253));
    await writeFile(path, large);
    expect((await refusal(client.sendBlock('a', path, 1000, 600_000))).code).toBe('OFFSET_MISMATCH');
    expect(got.equals(large.subarray(1000, 601_000))).toBe(true);
    await rm(folder, { recursive: true });
  });

  it('a manifest answer larger than a message is not read', async () => {
    const client = await clientOf((_request, response) =>
      response.end(Buffer.alloc(CODEC_LIMITS.maxBytes + 1)),
    );
    const manifest = {
      consortium: 'c',
      round: 1,
      member: 'm',
      transcriptHash: '',
      chunks: 1,
      chunkRoot: '',
      blobBytes: 1,
      blobHash: '',
      shares: [],
      lowDegree: '',
      signature: '',
    };
    expect((await refusal(client.beginUpload(manifest))).code).toBe('MESSAGE_TOO_LARGE');
  });
});
