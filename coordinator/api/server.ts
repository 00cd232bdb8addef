import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { CODEC_LIMITS } from '../../protocol/codec/limits.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { plainText } from '../../protocol/messages/text.ts';
import type { ControlModules } from '../modules.ts';
import { Newcomers } from '../sessions/newcomers.ts';
import type { Role, Session } from '../sessions/session.ts';
import { InFlight } from './in-flight.ts';
import { BODY_LIMITS, type BodyLimits, readMessage, steady } from './bodies.ts';

/** Longest silence on a connection, and longest time for the headers of a request. */
const STALLED_MS = 30_000;
const HEADERS_MS = 10_000;
/** Connections of all kinds, members' own included. */
const MAX_CONNECTIONS = 4096;
/** Connections on which nobody has said who it is, with a token or a hello. */
const STRANGERS = { total: 1024, perAddress: 256 };

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null for the one path that is open to everybody. */
    session: Session | null;
  }
}

export interface BulkServer {
  readonly server: FastifyInstance;
  /** This request is that of somebody known; its connection does not have to make room for others. */
  readonly prove: (request: IncomingMessage) => void;
}

/** The bulk plane's server with its error answers; routes are added by the files beside this one. */
export function createServer(modules: ControlModules, limits: BodyLimits = BODY_LIMITS): BulkServer {
  const server = Fastify({
    logger: false,
    bodyLimit: CODEC_LIMITS.maxBytes,
    // Bodies have limits of their own: a block of an upload may take long, but not wait for ever (bodies.ts).
    requestTimeout: 0,
    http: { headersTimeout: HEADERS_MS, connectionsCheckingInterval: HEADERS_MS / 5 },
    connectionTimeout: STALLED_MS,
    keepAliveTimeout: STALLED_MS,
    // A graceful stop does not wait for a stalled client; uploads are resumable.
    forceCloseConnections: true,
    // Addresses that the router itself refuses never get to the error handler below.
    frameworkErrors: (error, request, reply: FastifyReply) => void refuse(error, request, reply),
    routerOptions: { maxParamLength: 128 },
  });
  server.server.maxConnections = MAX_CONNECTIONS;
  const strangers = new Newcomers<Socket>(STRANGERS, (socket) => socket.destroy());
  server.server.on('connection', (socket) => {
    strangers.add(socket, socket.remoteAddress ?? '');
    socket.once('close', () => strangers.delete(socket));
  });
  const prove = ({ socket }: IncomingMessage) => strangers.delete(socket);

  const inFlight = new InFlight();
  server.decorateRequest('session', null);
  // Before anything of a body is read: a stranger's bytes cost nothing.
  server.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.url !== '/healthz' || hasBody(request.raw)) {
      request.session = authenticate(modules, request);
      prove(request.raw);
      inFlight.enter(`${request.session.role}/${request.session.id}`, reply.raw);
      if (request.routeOptions.url !== '/v1/epochs/:epoch') refuseFormer(request.session);
    }
    done();
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/msgpack', (_request: FastifyRequest, body: IncomingMessage) =>
    readMessage(body, CODEC_LIMITS.maxBytes, limits),
  );
  // Blocks of an upload stay a stream; the upload store bounds them.
  server.addContentTypeParser('application/octet-stream', (_request, body, done) =>
    done(null, steady(body, limits)),
  );
  server.setErrorHandler((error, request, reply) => {
    const refusal = refuse(error, request, reply);
    if (refusal.status >= 500)
      modules.logger.error({ ...refusal.toWire(), url: request.url }, 'request failed');
    else modules.logger.debug({ code: refusal.code, url: request.url }, 'request refused');
  });
  server.setNotFoundHandler((request) => {
    throw new CordonError('NOT_FOUND', {
      expected: 'a path of this interface',
      got: plainText(`${request.method} ${request.url}`, 100),
      next: 'check the versions of both sides',
    });
  });
  server.get('/healthz', () => ({ ok: true }));
  return { server, prove };
}

/** Whoever sent this request, if it is somebody of this role. @throws CordonError UNAUTHENTICATED, FORBIDDEN */
export function sessionOf({ session }: FastifyRequest, role: Role): Session {
  if (!session) throw unauthenticated('none');
  if (session.role === role) return session;
  throw new CordonError('FORBIDDEN', {
    expected: `a ${role}`,
    got: `the ${session.role} ${session.id}`,
    next: `use the key of a ${role}`,
  });
}

/** Whoever holds the token of a standing connection. @throws CordonError UNAUTHENTICATED */
function authenticate(modules: ControlModules, request: FastifyRequest): Session {
  const token = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(request.headers.authorization ?? '')?.[1];
  const session = token === undefined ? undefined : modules.sessions.find(token);
  if (session) return session;
  throw unauthenticated(token === undefined ? 'none' : 'one that is not valid any more');
}

/** @throws CordonError FORBIDDEN */
function refuseFormer({ role, id }: Session): void {
  if (role !== 'former') return;
  throw new CordonError('FORBIDDEN', {
    expected: 'a member of the present epoch',
    got: `${id}, a member of an earlier one`,
    next: 'read the epochs; members join with one that enough members sign',
  });
}

function unauthenticated(got: string): CordonError {
  return new CordonError('UNAUTHENTICATED', {
    expected: 'the token of an open control connection',
    got,
    next: 'connect to the control plane and use the token of its welcome',
  });
}

/** Answers with the refusal; hangs up afterwards where a body is still to come, which would be read for nothing. */
function refuse(error: unknown, { raw }: FastifyRequest, reply: FastifyReply): CordonError {
  const refusal = translate(error);
  if (hasBody(raw) && !raw.complete) void reply.header('connection', 'close');
  void reply.code(refusal.status).send(refusal.toWire());
  return refusal;
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

function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}
