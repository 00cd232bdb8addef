import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { decode, encode } from '../../protocol/codec/codec.ts';
import { collect } from '../../protocol/codec/collect.ts';
import { splitFrames } from '../../protocol/codec/frames.ts';
import { CODEC_LIMITS } from '../../protocol/codec/limits.ts';
import { CordonError, isErrorCode, toCordonError } from '../../protocol/errors.ts';
import { BULK_LIMITS, UploadStatus, bulkPaths } from '../../protocol/messages/bulk.ts';
import { plainText } from '../../protocol/messages/text.ts';
import { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import { RemoteRefusal } from './remote-refusal.ts';
import type { ManifestMessage } from '../../protocol/messages/manifest.ts';

const MSGPACK = 'application/msgpack';
const BINARY = 'application/octet-stream';
/** A request that moves nothing for this long is given up; its caller tries again. */
const STALLED_MS = 60_000;

/** The bulk plane as a participant uses it. Every answer is bounded before it is read. */
export class BulkClient {
  private readonly address: string;
  private readonly token: () => string;

  /** @param token of the present connection; it changes with every reconnect */
  constructor(address: string, token: () => string) {
    this.address = address.replace(/\/$/, '');
    this.token = token;
  }

  /** Entries of the log from `from` on, as many as fit one page. Not yet verified. */
  async log(from: number): Promise<SignedLogEntryMessage[]> {
    const limit = BULK_LIMITS.logPage + CODEC_LIMITS.maxBytes + 4;
    const body = await this.request('GET', bulkPaths.log(from), limit);
    return splitFrames(body).map((frame) => decode(SignedLogEntryMessage, frame));
  }

  /** Sends the manifest; says from which byte the blob is wanted, or gives the receipt if all is there. */
  async beginUpload(manifest: ManifestMessage): Promise<UploadStatus> {
    const body = await this.request('POST', bulkPaths.uploads(), CODEC_LIMITS.maxBytes, {
      type: MSGPACK,
      bytes: encode(manifest),
    });
    return decode(UploadStatus, body);
  }

  /** Sends one block of the blob from the file. */
  async sendBlock(upload: string, path: string, offset: number, length: number): Promise<UploadStatus> {
    const stream = createReadStream(path, { start: offset, end: offset + length - 1 });
    const body = await this.request('PATCH', bulkPaths.upload(upload), CODEC_LIMITS.maxBytes, {
      type: BINARY,
      stream,
      length,
      headers: { 'upload-offset': String(offset) },
    });
    return decode(UploadStatus, body);
  }

  /** All sealed shares for this committee member, in the order of S. */
  async shares(round: number, committeeIndex: number, bytes: number): Promise<Uint8Array> {
    return this.exactly('GET', bulkPaths.shares(round, committeeIndex), bytes);
  }

  /** The opened sum of a published round. */
  async sum(round: number, bytes: number): Promise<Uint8Array> {
    return this.exactly('GET', bulkPaths.sum(round), bytes);
  }

  /** A JSON answer of the read interface, for operators. */
  async json(method: 'GET' | 'POST' | 'DELETE', path: string, message?: unknown): Promise<unknown> {
    const content = message === undefined ? undefined : { type: MSGPACK, bytes: encode(message) };
    const body = await this.request(method, path, 64 * 1024 * 1024, content);
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
    const body = await this.request(method, path, bytes);
    if (body.length === bytes) return body;
    throw new CordonError('DIGEST_MISMATCH', {
      expected: `${bytes} bytes`,
      got: `${body.length} bytes`,
      next: 'ask again; the answer was probably cut short',
    });
  }

  private async request(method: string, path: string, limit: number, content?: Content): Promise<Uint8Array> {
    const headers = new Headers({ authorization: `Bearer ${this.token()}` });
    const stalled = new AbortController();
    const timer = setTimeout(() => stalled.abort(new Error('nothing moved for a minute')), STALLED_MS);
    const moved = () => void timer.refresh();
    // A redirect would let the coordinator send requests into this member's network.
    const init: RequestInit & { duplex?: 'half' } = {
      method,
      headers,
      signal: stalled.signal,
      redirect: 'error',
    };
    if (content) {
      headers.set('content-type', content.type);
      for (const [name, value] of Object.entries(content.headers ?? {})) headers.set(name, value);
      if ('stream' in content) {
        headers.set('content-length', String(content.length));
        init.body = Readable.toWeb(Readable.from(watched(content.stream, moved))) as ReadableStream;
        init.duplex = 'half';
      } else init.body = content.bytes;
    }
    try {
      const response = await fetch(this.address + path, init);
      const body = await collect(
        watched((response.body ?? Readable.from([])) as AsyncIterable<Uint8Array>, moved),
        response.ok ? limit : CODEC_LIMITS.maxBytes,
        'check the version of the coordinator; do not trust it until you know why',
      );
      if (!response.ok) throw refusal(response.status, body);
      return body;
    } catch (error) {
      // A coordinator that dies in the middle of its answer is one that cannot be reached.
      throw error instanceof CordonError ? error : unreachable(this.address, error);
    } finally {
      clearTimeout(timer);
      if (content && 'stream' in content) content.stream.destroy();
    }
  }
}

/** The pieces as they are; `moved` is told of each. */
async function* watched(pieces: AsyncIterable<Uint8Array>, moved: () => void): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    moved();
    yield piece;
  }
}

type Content = { readonly type: string; readonly headers?: Readonly<Record<string, string>> } & (
  | { readonly bytes: Uint8Array<ArrayBuffer> | Uint8Array }
  | { readonly stream: Readable; readonly length: number }
);

/**
 * The coordinator's own four fields where it sent them. Its own trouble (status 500 and above: a full disk, say) is
 * something to try again, never mistaken for trouble at this site.
 */
function refusal(status: number, body: Uint8Array): CordonError {
  const next = 'check the log of the coordinator';
  try {
    const value = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
    const text = (name: string) => (typeof value[name] === 'string' ? plainText(value[name]) : '');
    if (status >= 500 && isErrorCode(value['code'])) {
      return new CordonError('COORDINATOR_UNREACHABLE', {
        expected: 'an answer',
        got: `HTTP status ${status}, ${value['code']}: ${text('got')}`,
        next,
      });
    }
    if (isErrorCode(value['code'])) {
      return new RemoteRefusal(value['code'], {
        expected: text('expected'),
        got: text('got'),
        next: text('next'),
      });
    }
  } catch {
    // Not JSON: said below by its status.
  }
  return new CordonError('COORDINATOR_UNREACHABLE', {
    expected: 'an answer',
    got: `HTTP status ${status}`,
    next,
  });
}

function unreachable(address: string, error: unknown): CordonError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new CordonError(
    'COORDINATOR_UNREACHABLE',
    {
      expected: `a coordinator at ${address}`,
      got: toCordonError(cause).got,
      next: 'check that the coordinator runs; the participant tries again by itself',
    },
    { cause: error },
  );
}
