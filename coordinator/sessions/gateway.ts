import type { IncomingMessage, Server } from 'node:http';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { decode, encode } from '../../protocol/codec/codec.ts';
import { CODEC_LIMITS } from '../../protocol/codec/limits.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { ClientMessage, type ErrorMessage } from '../../protocol/messages/control.ts';
import { plainText } from '../../protocol/messages/text.ts';
import type { ControlModules } from '../modules.ts';
import { type OperatorEntry, acceptHello, makeChallenge } from './handshake.ts';
import { Newcomers } from './newcomers.ts';
import type { Session } from './session.ts';
import { TokenBucket } from './token-bucket.ts';

export interface GatewayHandlers {
  /** The request by which this connection came is that of somebody known. */
  readonly onProven: (request: IncomingMessage) => void;
  readonly onOpen: (session: Session) => void;
  readonly onMessage: (session: Session, message: ClientMessage) => Promise<void>;
  readonly onClose: (session: Session) => void;
}

/** Seconds that a connection may stay silent before it proves who it is, and between the pings afterwards. */
const HELLO_SECONDS = 10;
const PING_SECONDS = 5;
/** Pings without an answer until a peer is taken for dead: 20 seconds, as long as a member waits for ours. */
const SILENT_PINGS = 4;
/** A peer that is sent away and does not hang up is cut off after this. */
const GOODBYE_SECONDS = 2;
/** Connections that have not proved who they are. */
const UNPROVEN = { total: 64, perAddress: 16 };
/** Messages of one connection, pings included; a member sends a handful a round. */
const MESSAGES = { rate: 20, burst: 100 };
/** A peer that does not read is cut off before its queue grows beyond this. */
const MAX_QUEUED_BYTES = 8 * 1024 * 1024;
/** With so much in its queue a peer is slow to read. */
const MUCH_QUEUED_BYTES = 256 * 1024;

/** The control plane: WebSocket connections on `/v1/control`, challenge, hello, signed welcome, then messages. */
export class Gateway {
  private readonly server: WebSocketServer;
  private readonly modules: ControlModules;
  private readonly operators: readonly OperatorEntry[];
  private readonly handlers: GatewayHandlers;
  private readonly unproven = new Newcomers<WebSocket>(UNPROVEN, (socket) =>
    dismiss(socket, 1013, 'no hello while others wait, try again'),
  );

  constructor(
    http: Server,
    modules: ControlModules,
    operators: readonly OperatorEntry[],
    handlers: GatewayHandlers,
  ) {
    this.modules = modules;
    this.operators = operators;
    this.handlers = handlers;
    this.server = new WebSocketServer({
      server: http,
      path: '/v1/control',
      maxPayload: CODEC_LIMITS.maxBytes,
      perMessageDeflate: false,
      clientTracking: true,
    });
    this.server.on('connection', (socket, request) => this.connect(socket, request));
    // It repeats what the HTTP server reports (a port in use, say), which is handled where that one is started.
    this.server.on('error', (error) => modules.logger.debug({ error: error.message }, 'server error'));
  }

  close(): void {
    for (const socket of this.server.clients) socket.terminate();
    this.server.close();
  }

  private connect(socket: WebSocket, request: IncomingMessage): void {
    // First of all: an error event that nobody listens to would end the process.
    socket.on('error', (error) => this.modules.logger.debug({ error: error.message }, 'connection error'));
    this.unproven.add(socket, request.socket.remoteAddress ?? '');
    let session: Session | null = null;
    const challenge = makeChallenge(this.modules.roster, this.modules);
    const impatience = setTimeout(() => dismiss(socket, 4001, 'no hello'), 1000 * HELLO_SECONDS);
    const proven = () => {
      clearTimeout(impatience);
      this.unproven.delete(socket);
    };
    const stopPings = keepAlive(socket);
    const bucket = new TokenBucket(MESSAGES, this.modules.elapsed);
    const flooding = () => {
      if (socket.readyState !== socket.OPEN || bucket.take()) return false;
      this.modules.logger.warn({ from: session?.id ?? 'a stranger' }, 'too many messages, hung up');
      dismiss(socket, 4003, `more than ${MESSAGES.rate} messages a second`);
      return true;
    };
    socket.on('ping', flooding);
    socket.on('message', (data) => {
      // What still comes from a peer that has been sent away is not looked at: one refusal a connection.
      if (socket.readyState !== socket.OPEN || flooding()) return;
      try {
        const message = decode(ClientMessage, bytesOf(data));
        if (session) {
          this.handlers.onMessage(session, message).catch((error: unknown) => this.refuse(socket, error));
          return;
        }
        if (message.type !== 'hello') throw helloExpected(message.type);
        const { welcome, role } = acceptHello(
          challenge,
          message,
          this.modules.chain,
          this.operators,
          this.modules,
        );
        proven();
        this.handlers.onProven(request);
        session = {
          id: message.id,
          role,
          token: welcome.token,
          send: (out) => send(socket, encode(out)),
          sendEncoded: (out) => send(socket, out),
          isBehind: () => socket.bufferedAmount > MUCH_QUEUED_BYTES,
          close: (code, reason) => dismiss(socket, code, reason),
        };
        this.modules.sessions.add(session);
        session.send(welcome);
        this.handlers.onOpen(session);
      } catch (error) {
        // At once, not in a later turn: many messages may have come with one packet.
        this.refuse(socket, error);
      }
    });
    socket.on('close', () => {
      stopPings();
      if (!session) return proven();
      if (this.modules.sessions.remove(session)) this.handlers.onClose(session);
    });
    this.modules.logger.debug({ from: request.socket.remoteAddress }, 'connection');
    send(socket, encode(challenge));
  }

  /** What a message does wrong is said to its sender; what is not even a message ends the connection. */
  private refuse(socket: WebSocket, error: unknown): void {
    const refusal = toCordonError(error);
    this.modules.logger.warn(
      { code: refusal.code, expected: refusal.expected, got: refusal.got },
      'message refused',
    );
    send(socket, encode(errorMessage(refusal)));
    if (FATAL.has(refusal.code)) dismiss(socket, 4002, refusal.code);
  }
}

const FATAL: ReadonlySet<string> = new Set([
  'MESSAGE_MALFORMED',
  'MESSAGE_TOO_LARGE',
  'UNAUTHENTICATED',
  'SIGNATURE_INVALID',
  'PROTOCOL_VERSION',
]);

function send(socket: WebSocket, message: Uint8Array): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > MAX_QUEUED_BYTES) return socket.terminate();
  socket.send(message);
}

/** Says goodbye, and hangs up on a peer that does not answer it: its place is wanted. */
function dismiss(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  const timer = setTimeout(() => socket.terminate(), 1000 * GOODBYE_SECONDS);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}

/**
 * A dead peer is noticed by its silence; its connection then closes like any other. A process that was killed says so
 * through its system at once: this is for lines that are cut, and a member that trains on a busy machine may be slow to
 * answer.
 */
function keepAlive(socket: WebSocket): () => void {
  let unanswered = 0;
  socket.on('pong', () => {
    unanswered = 0;
  });
  const timer = setInterval(() => {
    if (unanswered === SILENT_PINGS) return socket.terminate();
    unanswered += 1;
    socket.ping();
  }, 1000 * PING_SECONDS);
  return () => clearInterval(timer);
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function errorMessage({ code, message, expected, got, next }: CordonError): ErrorMessage {
  return {
    type: 'error',
    code,
    message: plainText(message),
    expected: plainText(expected),
    got: plainText(got),
    next: plainText(next),
  };
}

function helloExpected(got: string): CordonError {
  return new CordonError('UNAUTHENTICATED', {
    expected: 'a hello as the first message',
    got,
    next: 'say hello with a signature over the challenge',
  });
}
