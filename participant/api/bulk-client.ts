import { createReadStream } from 'node:fs';
import { BLOCKING_BYTES } from '../../crypto/identity/blocking.ts';
import { readNow } from '../../crypto/identity/small-read.ts';
import { decode, encode } from '../../protocol/codec/codec.ts';
import { splitFrames } from '../../protocol/codec/frames.ts';
import { CODEC_LIMITS } from '../../protocol/codec/limits.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { AuditWanted, BULK_LIMITS, UploadStatus, bulkPaths } from '../../protocol/messages/bulk.ts';
import { EPOCH_LIMITS, SignedEpochMessage } from '../../protocol/messages/epoch.ts';
import { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { ManifestMessage } from '../../protocol/messages/manifest.ts';
import { HttpClient } from './http-client.ts';
import { RemoteRefusal } from './remote-refusal.ts';

const MSGPACK = 'application/msgpack';
const BINARY = 'application/octet-stream';
/** Bytes of a file that are read at once. */
const PIECE = 256 * 1024;

/** The bulk plane as a participant uses it. Every answer is bounded before it is read. */
export class BulkClient {
  private readonly http: HttpClient;

  /** @param token of the present connection; it changes with every reconnect */
  constructor(address: string, token: () => string) {
    this.http = new HttpClient(address, token);
  }

  /** Entries of the log from `from` on, as many as fit one page. Not yet verified. */
  async log(from: number): Promise<SignedLogEntryMessage[]> {
    const limit = BULK_LIMITS.logPage + CODEC_LIMITS.maxBytes + 4;
    const body = await this.http.request('GET', bulkPaths.log(from), limit);
    return splitFrames(body).map((frame) => decode(SignedLogEntryMessage, frame));
  }

  /** The signed epoch of that number, or null beyond the end. Not yet verified. */
  async epoch(number: number): Promise<SignedEpochMessage | null> {
    try {
      const body = await this.http.request('GET', bulkPaths.epoch(number), EPOCH_LIMITS.maxBytes);
      return decode(SignedEpochMessage, body, EPOCH_LIMITS);
    } catch (error) {
      if (error instanceof RemoteRefusal && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  }

  /** Sends the manifest; says from which byte the blob is wanted, or gives the receipt if all is there. */
  async beginUpload(manifest: ManifestMessage): Promise<UploadStatus> {
    const body = await this.http.request('POST', bulkPaths.uploads(), CODEC_LIMITS.maxBytes, {
      type: MSGPACK,
      bytes: encode(manifest),
    });
    return decode(UploadStatus, body);
  }

  /**
   * Sends one block of the blob from the file.
   * @throws CordonError DATA_NOT_FOUND where a small block cannot be read; else as `HttpClient.request`, to which a large
   *   one that cannot be read is a connection that broke
   */
  async sendBlock(upload: string, path: string, offset: number, length: number): Promise<UploadStatus> {
    const content =
      length <= BLOCKING_BYTES
        ? { bytes: ownBytes(path, offset, length) }
        : {
            stream: createReadStream(path, { start: offset, end: offset + length - 1, highWaterMark: PIECE }),
            length,
          };
    const body = await this.http.request('PATCH', bulkPaths.upload(upload), CODEC_LIMITS.maxBytes, {
      type: BINARY,
      headers: { 'upload-offset': String(offset) },
      ...content,
    });
    return decode(UploadStatus, body);
  }

  /** Says that this member serves on the committee, with its keys (`joinAdvertisement`). */
  async advertise(body: Uint8Array): Promise<void> {
    await this.http.request('POST', bulkPaths.advertisements(), CODEC_LIMITS.maxBytes, {
      type: BINARY,
      bytes: body,
    });
  }

  /** The committee's keys for this member, each with its proof. */
  async pairs(round: number, bytes: number): Promise<Uint8Array> {
    return this.exactly('GET', bulkPaths.pairs(round), bytes);
  }

  /** All sealed shares for this committee member, in the order of S. */
  async shares(round: number, committeeIndex: number, bytes: number): Promise<Uint8Array> {
    return this.exactly('GET', bulkPaths.shares(round, committeeIndex), bytes);
  }

  /** The opened sum of a round, as it comes. @param bytes its length, which is kept to */
  sum(round: number, bytes: number): AsyncGenerator<Uint8Array> {
    return this.exactPieces(bulkPaths.sum(round), bytes);
  }

  /** What the audit of the round wants of this member just now. */
  async auditWanted(round: number): Promise<AuditWanted> {
    return decode(AuditWanted, await this.http.request('GET', bulkPaths.audit(round), CODEC_LIMITS.maxBytes));
  }

  /** Chunks of all uploads with their proofs, as they come (`auditParts`). @param bytes their length, which is kept to */
  auditChunks(round: number, from: number, to: number, bytes: number): AsyncGenerator<Uint8Array> {
    return this.exactPieces(bulkPaths.auditChunks(round, from, to), bytes);
  }

  /** A JSON answer of the read interface, for operators. */
  async json(method: 'GET' | 'POST' | 'DELETE', path: string, message?: unknown): Promise<unknown> {
    const content = message === undefined ? undefined : { type: MSGPACK, bytes: encode(message) };
    const body = await this.http.request(method, path, 64 * 1024 * 1024, content);
    try {
      return JSON.parse(new TextDecoder().decode(body));
    } catch (cause) {
      const detail = {
        expected: 'an answer in JSON',
        got: 'something else',
        next: 'check that the address is that of a Cordon coordinator',
      };
      throw new CordonError('MESSAGE_MALFORMED', detail, { cause });
    }
  }

  private async exactly(method: string, path: string, bytes: number): Promise<Uint8Array> {
    const body = await this.http.request(method, path, bytes);
    if (body.length === bytes) return body;
    throw cutShort(bytes, body.length);
  }

  private async *exactPieces(path: string, bytes: number): AsyncGenerator<Uint8Array> {
    let received = 0;
    for await (const piece of this.http.pieces('GET', path)) {
      received += piece.length;
      if (received > bytes) throw tooMuch(bytes);
      yield piece;
    }
    if (received < bytes) throw cutShort(bytes, received);
  }
}

function cutShort(expected: number, got: number): CordonError {
  return new CordonError('DIGEST_MISMATCH', {
    expected: `${expected} bytes`,
    got: `${got} bytes`,
    next: 'ask again; the answer was probably cut short',
  });
}

function tooMuch(expected: number): CordonError {
  return new CordonError('MESSAGE_TOO_LARGE', {
    expected: `${expected} bytes`,
    got: 'more',
    next: 'check the version of the coordinator; do not trust it until you know why',
  });
}

function ownBytes(path: string, offset: number, length: number): Uint8Array {
  try {
    return readNow(path, offset, length);
  } catch (cause) {
    const detail = {
      expected: `this member's update in ${path}`,
      got: toCordonError(cause).got,
      next: 'the participant tries again by itself; if it stays so, check the disk',
    };
    throw new CordonError('DATA_NOT_FOUND', detail, { cause });
  }
}
