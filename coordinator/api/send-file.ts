import { type ReadStream, createReadStream, statSync } from 'node:fs';
import type { FastifyReply } from 'fastify';
import { mayBlock } from '../../crypto/identity/blocking.ts';
import { readNow } from '../../crypto/identity/small-read.ts';

export interface FileToSend {
  /** Bytes. */
  readonly size: number;
  readonly body: Buffer | ReadStream;
}

/** A file as the body of an answer: a small one whole, a large one piece by piece. Null where there is none. */
export function fileToSend(path: string): FileToSend | null {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return null;
  if (!mayBlock(size)) return { size, body: createReadStream(path) };
  const { buffer, byteOffset, length } = readNow(path, 0, size);
  return { size: length, body: Buffer.from(buffer, byteOffset, length) };
}

export function sendFile(reply: FastifyReply, { size, body }: FileToSend): FastifyReply {
  return reply.type('application/octet-stream').header('content-length', size).send(body);
}
