import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { plainText } from '../../protocol/messages/text.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import type { Intake } from './intake.ts';
import type { Token } from './token.ts';

/** Bytes of a body as sent, and unpacked. */
const BODY_BYTES = 8 * 1024 * 1024;
const UNPACKED_BYTES = 32 * 1024 * 1024;
/** Requests with events at a time, and connections. */
const MOST_REQUESTS = 8;
const MOST_CONNECTIONS = 64;
const BODY_MS = 30_000;

export interface LiveServer {
  /** Where it listens. */
  readonly address: string;
  close(): Promise<void>;
}

/** What the server offers; null for what is not configured. */
export interface LiveServices {
  readonly intake: { readonly intake: Intake; readonly token: Token } | null;
  readonly metrics: (() => Promise<{ type: string; text: string }>) | null;
}

/**
 * The participant's own small server: events in, metrics out.
 * @throws CordonError PORT_IN_USE
 */
export async function listen(
  { host, port }: { readonly host: string; readonly port: number },
  services: LiveServices,
): Promise<LiveServer> {
  const server = createServer(services);
  try {
    await server.listen({ host, port });
  } catch (error) {
    await server.close();
    throw toCordonError(error);
  }
  const { address, port: taken, family } = server.server.address() as AddressInfo;
  return {
    address: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    close: () => server.close(),
  };
}

/** The server without its socket; tests call it directly. */
export function createServer({ intake, metrics }: LiveServices): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    requestTimeout: BODY_MS,
    connectionTimeout: BODY_MS,
    keepAliveTimeout: BODY_MS,
    forceCloseConnections: true,
  });
  server.server.maxConnections = MOST_CONNECTIONS;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.setErrorHandler((error, _request, reply) => answer(reply, translate(error)));
  server.setNotFoundHandler((request, reply) =>
    answer(
      reply,
      new CordonError('NOT_FOUND', {
        expected: 'POST /v1/events, GET /metrics or GET /healthz, as far as they are configured',
        got: plainText(`${request.method} ${request.url}`, 100),
        next: 'see docs/guides/live.md',
      }),
    ),
  );
  server.get('/healthz', () => ({ ok: true }));
  if (metrics !== null) {
    server.get('/metrics', async (_request, reply) => {
      const { type, text } = await metrics();
      return reply.type(type).send(text);
    });
  }
  if (intake !== null) addIntake(server, intake);
  return server;
}

function addIntake(server: FastifyInstance, { intake, token }: NonNullable<LiveServices['intake']>): void {
  let going = 0;
  server.post(
    '/v1/events',
    {
      // Before anything of the body is read: a stranger's bytes cost nothing.
      onRequest: (request, reply, done) => {
        if (!token.isShownBy(request.headers.authorization)) throw unauthenticated();
        if (going >= MOST_REQUESTS) throw busy();
        going++;
        reply.raw.once('close', () => going--);
        done();
      },
    },
    async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const unpacked = await unpack(body, request.headers['content-encoding']);
      return reply.code(202).send(await intake.take(unpacked));
    },
  );
}

async function unpack(body: Buffer, encoding: string | undefined): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity') return body;
  if (encoding !== 'gzip') throw malformed(`content-encoding ${plainText(encoding, 40)}`);
  try {
    return await gunzipLater(body, { maxOutputLength: UNPACKED_BYTES });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw malformed('a body that is not gzip, or not all of it');
  }
}

const gunzipLater = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip);

function answer(reply: FastifyReply, refusal: CordonError): void {
  if (refusal.code === 'TOO_MANY_REQUESTS') void reply.header('retry-after', '1');
  if (refusal.status === 401) void reply.header('www-authenticate', 'Bearer');
  void reply.header('connection', 'close').code(refusal.status).send(refusal.toWire());
}

/** Fastify's own refusals in our words. */
function translate(error: unknown): CordonError {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  if (error instanceof CordonError || typeof status !== 'number' || status >= 500)
    return toCordonError(error);
  return status === 413 ? tooLarge() : malformed('something else');
}

function tooLarge(): CordonError {
  return new CordonError('MESSAGE_TOO_LARGE', {
    expected: `a body of at most ${BODY_BYTES} bytes, ${UNPACKED_BYTES} unpacked`,
    got: 'a larger one',
    next: 'send the events in several requests',
  });
}

function malformed(got: string): CordonError {
  return new CordonError('MESSAGE_MALFORMED', {
    expected: 'OCSF objects as JSON, plain or gzip',
    got,
    next: 'see docs/guides/live.md',
  });
}

function unauthenticated(): CordonError {
  return new CordonError('UNAUTHENTICATED', {
    expected: 'Authorization: Bearer with the token of this participant',
    got: 'none, or another one',
    next: 'use the content of its token file',
  });
}

function busy(): CordonError {
  return new CordonError('TOO_MANY_REQUESTS', {
    expected: `at most ${MOST_REQUESTS} requests with events at a time`,
    got: 'more',
    next: 'send the same again in a second',
  });
}
