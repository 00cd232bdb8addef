import { Agent as PlainAgent, type IncomingMessage, type RequestOptions, request as plain } from 'node:http';
import { Agent as SecureAgent, request as secure } from 'node:https';
import type { Readable } from 'node:stream';
import { collect } from '../../protocol/codec/collect.ts';
import { CODEC_LIMITS } from '../../protocol/codec/limits.ts';
import { CordonError, isErrorCode, toCordonError } from '../../protocol/errors.ts';
import { plainText } from '../../protocol/messages/text.ts';
import { RemoteRefusal } from './remote-refusal.ts';

/** A request that moves nothing for this long, in either direction, is given up; its caller tries again. */
const STALLED_MS = 60_000;

export type Content = { readonly type: string; readonly headers?: Readonly<Record<string, string>> } & (
  { readonly bytes: Uint8Array } | { readonly stream: Readable; readonly length: number }
);

const DISTRUST = 'check the version of the coordinator; do not trust it until you know why';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly content: Content | undefined;
}

/**
 * HTTP to one coordinator over connections that are kept. Every answer is bounded before it is read, and a redirect is
 * refused like any other answer that is not 200: it would let the coordinator send requests into this member's network.
 */
export class HttpClient {
  private readonly address: URL;
  private readonly token: () => string;
  private readonly agent: PlainAgent;
  private readonly send: typeof plain;

  /** @param token of the present connection; it changes with every reconnect */
  constructor(address: string, token: () => string) {
    this.address = new URL(address);
    this.token = token;
    const options = { keepAlive: true, timeout: STALLED_MS };
    const isSecure = this.address.protocol === 'https:';
    this.agent = isSecure ? new SecureAgent(options) : new PlainAgent(options);
    this.send = isSecure ? secure : plain;
  }

  /**
   * The whole body of an answer of status 200 to 299, at most `limit` bytes.
   * @throws CordonError COORDINATOR_UNREACHABLE, MESSAGE_TOO_LARGE; RemoteRefusal with what the coordinator says
   */
  request(method: string, path: string, limit: number, content?: Content): Promise<Uint8Array> {
    return collect(this.pieces(method, path, content), limit, DISTRUST);
  }

  /**
   * The body of an answer of status 200 to 299 as it comes; whoever takes the pieces bounds them, and lets go of the
   * answer by taking no more.
   * @throws CordonError COORDINATOR_UNREACHABLE; RemoteRefusal with what the coordinator says
   */
  async *pieces(method: string, path: string, content?: Content): AsyncGenerator<Uint8Array> {
    try {
      const response = await this.respond({ method, path, content });
      const status = response.statusCode ?? 0;
      const body = response as AsyncIterable<Uint8Array>;
      if (status < 200 || status >= 300) {
        throw refusal(status, await collect(body, CODEC_LIMITS.maxBytes, DISTRUST));
      }
      yield* body;
    } catch (error) {
      // A coordinator that dies in the middle of its answer is one that cannot be reached.
      throw error instanceof CordonError ? error : unreachable(this.address, error);
    } finally {
      if (content && 'stream' in content) content.stream.destroy();
    }
  }

  private async respond(sent: Sent): Promise<IncomingMessage> {
    const first = await this.once(sent);
    if (first !== 'stale') return first;
    const second = await this.once(sent);
    if (second !== 'stale') return second;
    throw new Error('the connection was closed');
  }

  /** One attempt; `stale` where a kept connection turned out to be closed and asking again does no harm. */
  private once({ method, path, content }: Sent): Promise<IncomingMessage | 'stale'> {
    return new Promise((resolve, reject) => {
      const headers: Record<string, string | number> = { authorization: `Bearer ${this.token()}` };
      if (content) {
        headers['content-type'] = content.type;
        headers['content-length'] = 'stream' in content ? content.length : content.bytes.length;
        Object.assign(headers, content.headers);
      }
      const options: RequestOptions = { method, headers, agent: this.agent };
      const request = this.send(new URL(path, this.address), options, resolve);
      request.once('timeout', () => request.destroy(new Error('nothing moved for a minute')));
      request.on('error', (error) => {
        const closed = 'code' in error && error.code === 'ECONNRESET';
        if (closed && request.reusedSocket && method === 'GET') resolve('stale');
        else reject(error);
      });
      if (!content) request.end();
      else if ('bytes' in content) request.end(content.bytes);
      else {
        content.stream.once('error', (error) => request.destroy(error));
        content.stream.pipe(request);
      }
    });
  }
}

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

function unreachable(address: URL, error: unknown): CordonError {
  return new CordonError(
    'COORDINATOR_UNREACHABLE',
    {
      expected: `a coordinator at ${address.origin}`,
      got: toCordonError(error).got,
      next: 'check that the coordinator runs; the participant tries again by itself',
    },
    { cause: error },
  );
}
