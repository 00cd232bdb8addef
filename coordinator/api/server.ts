import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { CODEC_LIMITS } from '../../protocol/codec/limits.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { BULK_LIMITS } from '../../protocol/messages/bulk.ts';
import { plainText } from '../../protocol/messages/text.ts';
import type { CoordinatorModules } from '../modules.ts';
import type { Role, Session } from '../sessions/session.ts';

/** Longest silence on a connection of the bulk plane. */
const STALLED_MS = 30_000;

/** The bulk plane's server with its error answers; routes are added by the files beside this one. */
export function createServer(modules: CoordinatorModules): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: CODEC_LIMITS.maxBytes,
    // A whole block may take as long as it likes, but a connection on which nothing moves is cut off: a broken link
    // would otherwise hold its upload for ever. Node bounds the time for the headers by itself.
    requestTimeout: 0,
    connectionTimeout: STALLED_MS,
    keepAliveTimeout: STALLED_MS,
    // A graceful stop does not wait for a stalled client; uploads are resumable.
    forceCloseConnections: true,
    // Addresses that the router itself refuses never get to the error handler below.
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      const refusal = translate(error);
      void reply.code(refusal.status).send(refusal.toWire());
    },
    routerOptions: { maxParamLength: 128 },
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/msgpack', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  // Blocks of an upload stay a stream; the upload store bounds them.
  server.addContentTypeParser(
    'application/octet-stream',
    { bodyLimit: BULK_LIMITS.block },
    (_request, body, done) => done(null, body),
  );
  server.setErrorHandler((error, request, reply) => {
    const refusal = translate(error);
    if (refusal.status >= 500)
      modules.logger.error({ ...refusal.toWire(), url: request.url }, 'request failed');
    else modules.logger.debug({ code: refusal.code, url: request.url }, 'request refused');
    return reply.code(refusal.status).send(refusal.toWire());
  });
  server.setNotFoundHandler((request) => {
    throw new CordonError('NOT_FOUND', {
      expected: 'a path of this interface',
      got: plainText(`${request.method} ${request.url}`, 100),
      next: 'check the versions of both sides',
    });
  });
  server.get('/healthz', () => ({ ok: true }));
  return server;
}

/** Whoever holds the token of a standing connection. @throws CordonError UNAUTHENTICATED, FORBIDDEN */
export function authenticate(modules: CoordinatorModules, request: FastifyRequest, role?: Role): Session {
  const token = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(request.headers.authorization ?? '')?.[1];
  const session = token === undefined ? undefined : modules.sessions.find(token);
  if (!session) {
    throw new CordonError('UNAUTHENTICATED', {
      expected: 'the token of an open control connection',
      got: token === undefined ? 'none' : 'one that is not valid any more',
      next: 'connect to the control plane and use the token of its welcome',
    });
  }
  if (role !== undefined && session.role !== role) {
    throw new CordonError('FORBIDDEN', {
      expected: `a ${role}`,
      got: `the ${session.role} ${session.id}`,
      next: `use the key of a ${role}`,
    });
  }
  return session;
}

/** Fastify's own refusals in our words. */
function translate(error: unknown): CordonError {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  const message = plainText(error instanceof Error ? error.message : String(error), 200);
  if (error instanceof CordonError || status === undefined) return toCordonError(error);
  const next = 'send what the interface description says';
  if (status === 413)
    return new CordonError('MESSAGE_TOO_LARGE', { expected: 'a body within the limit', got: message, next });
  return new CordonError('MESSAGE_MALFORMED', {
    expected: 'a request of this interface',
    got: message,
    next,
  });
}
