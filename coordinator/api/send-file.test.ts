import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BLOCKING_BYTES } from '../../crypto/identity/blocking.ts';
import { fileToSend, sendFile } from './send-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-send-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it.each([0, 1, 8060, BLOCKING_BYTES, BLOCKING_BYTES + 1, 1_000_000])(
  'a file of %d bytes arrives as it is',
  async (size) => {
    const path = join(folder, 'a');
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8)) & 255);
    await writeFile(path, bytes);
    const server = Fastify();
    server.get('/', (_request, reply) => {
      const file = fileToSend(path);
      return file ? sendFile(reply, file) : reply.code(404).send();
    });
    const answer = await server.inject('/');
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(size),
    });
    expect(Buffer.compare(answer.rawPayload, bytes)).toBe(0);
    await rm(path);
    expect((await server.inject('/')).statusCode).toBe(404);
    await server.close();
  },
);
