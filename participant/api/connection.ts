import { WebSocket } from 'ws';
import { toBase64Url } from '../../crypto/public/encoding.ts';
import type { PublicPrimitives, RandomBytes } from '../../crypto/public/primitives.ts';
import { type Sign, checkSigned, signFields } from '../../crypto/public/signed.ts';
import { decode, encode } from '../../protocol/codec/codec.ts';
import { CODEC_LIMITS } from '../../protocol/codec/limits.ts';
import { CordonError, isErrorCode } from '../../protocol/errors.ts';
import { type ClientMessage, ServerMessage } from '../../protocol/messages/control.ts';
import {
  type Challenge,
  type Hello,
  PROTOCOL_VERSION,
  type Welcome,
  helloFields,
  welcomeFields,
} from '../../protocol/messages/session.ts';
import type { EpochBook } from '../federation/epoch-book.ts';
import { BulkClient } from './bulk-client.ts';
import { RemoteRefusal } from './remote-refusal.ts';

export interface Identity {
  readonly role: 'member' | 'operator';
  readonly id: string;
  readonly sign: Sign;
}

export interface ConnectionModules {
  readonly epochs: EpochBook;
  readonly primitives: PublicPrimitives;
  readonly random: RandomBytes;
}

export interface ConnectionHandlers {
  readonly onMessage: (message: ServerMessage) => void;
  readonly onClose: (reason: string) => void;
}

const HANDSHAKE_MS = 10_000;
/** The server pings every 5 seconds; a link that is silent for longer than this is dead. */
const SILENCE_MS = 20_000;
/** Messages that are kept while a welcome is checked. */
const MOST_EARLY = 64;

/** One proven connection of the control plane: made only after the coordinator's signed welcome. */
export class Connection {
  /** Opens the bulk plane as long as this connection stands. */
  readonly token: string;
  private readonly socket: WebSocket;

  private constructor(socket: WebSocket, token: string) {
    this.socket = socket;
    this.token = token;
  }

  /**
   * Connects, answers the challenge and checks the welcome. A coordinator that names a roster which is not known here is
   * asked for the epochs that lead to it; its welcome counts only under the key that these name.
   * @param address http(s) address of the coordinator
   * @throws CordonError COORDINATOR_UNREACHABLE, TIMEOUT, PROTOCOL_VERSION, ROSTER_INVALID, whatever the coordinator
   *   refuses with; CryptoError EPOCH_INVALID for epochs that do not follow, SIGNATURE_INVALID for a coordinator without the key that the roster names
   */
  static open(
    address: string,
    identity: Identity,
    modules: ConnectionModules,
    handlers: ConnectionHandlers,
  ): Promise<Connection> {
    const socket = new WebSocket(controlAddress(address), {
      maxPayload: CODEC_LIMITS.maxBytes,
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_MS,
    });
    return new Promise((resolve, reject) => {
      let challenge: Challenge | null = null;
      let hello: Hello | null = null;
      let connection: Connection | null = null;
      const fail = (error: unknown) => {
        reject(error instanceof Error ? error : new Error(String(error)));
        socket.terminate();
      };
      const impatience = setTimeout(() => fail(noWelcome()), HANDSHAKE_MS);
      /** What comes before the welcome is checked. */
      const early: ServerMessage[] = [];
      let welcomed = false;
      const accept = async (welcome: Welcome, to: { challenge: Challenge; hello: Hello }) => {
        welcomed = true;
        const bulk = new BulkClient(address, () => welcome.token);
        checkSigned(
          modules.primitives,
          await coordinatorKey(to.challenge, modules.epochs, bulk),
          'cordon/v1/welcome',
          { ...welcomeFields(to.challenge, to.hello, welcome), signature: welcome.signature },
          { who: 'the coordinator', what: 'its welcome' },
        );
        clearTimeout(impatience);
        connection = new Connection(socket, welcome.token);
        resolve(connection);
        for (const message of early) handlers.onMessage(message);
      };
      const heard = watchSilence(socket);
      socket.on('error', (error) => fail(unreachable(address, error.message)));
      socket.on('ping', heard);
      socket.on('close', (code, reason) => {
        clearTimeout(impatience);
        const why = reason.toString() || `code ${code}`;
        if (connection) handlers.onClose(why);
        else fail(unreachable(address, `the connection was closed: ${why}`));
      });
      socket.on('message', (data: Buffer) => {
        heard();
        try {
          const message = decode(ServerMessage, data);
          if (connection) return handlers.onMessage(message);
          if (message.type === 'challenge' && !challenge) {
            challenge = checkChallenge(message, modules);
            hello = makeHello(challenge, identity, modules);
            socket.send(encode(hello));
          } else if (message.type === 'welcome' && challenge && hello && !welcomed) {
            accept(message, { challenge, hello }).catch(fail);
          } else if (message.type === 'error') fail(refusal(message));
          else if (welcomed && early.length < MOST_EARLY) early.push(message);
          else fail(noWelcome());
        } catch (error) {
          fail(error);
        }
      });
    });
  }

  send(message: ClientMessage): void {
    this.socket.send(encode(message));
  }

  close(): void {
    this.socket.close(1000, 'done');
  }
}

function controlAddress(address: string): string {
  return `${address.replace(/^http/, 'ws').replace(/\/$/, '')}/v1/control`;
}

/** Cuts a link over which nothing came for too long; the caller then reconnects. */
function watchSilence(socket: WebSocket): () => void {
  let timer = setTimeout(() => socket.terminate(), SILENCE_MS);
  socket.on('close', () => clearTimeout(timer));
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => socket.terminate(), SILENCE_MS);
  };
}

function checkChallenge(challenge: Challenge, { epochs }: ConnectionModules): Challenge {
  if (challenge.protocol !== PROTOCOL_VERSION) {
    throw new CordonError('PROTOCOL_VERSION', {
      expected: `version ${PROTOCOL_VERSION}`,
      got: `version ${challenge.protocol}`,
      next: 'install the same version of Cordon on both sides',
    });
  }
  if (challenge.consortium !== epochs.last.consortium) throw otherRoster(challenge, epochs);
  return challenge;
}

/** The key of the roster that the coordinator names, which must be the last one that its members signed. */
async function coordinatorKey(challenge: Challenge, epochs: EpochBook, bulk: BulkClient): Promise<string> {
  if (!epochs.chain.includes(challenge.rosterHash)) await epochs.update(bulk);
  const { chain, last } = epochs;
  if (challenge.rosterHash === chain.hash(last.epoch)) return last.coordinatorKey;
  if (!chain.includes(challenge.rosterHash)) throw otherRoster(challenge, epochs);
  throw new CordonError('COORDINATOR_UNREACHABLE', {
    expected: `a coordinator in epoch ${last.epoch}, which this site knows`,
    got: 'one in an earlier epoch',
    next: 'the coordinator has to be started with the present roster file; the participant tries again by itself',
  });
}

function otherRoster(challenge: Challenge, { chain, last }: EpochBook): CordonError {
  return new CordonError('ROSTER_INVALID', {
    expected: `the coordinator of ${last.consortium} with roster ${chain.hash(last.epoch)?.slice(0, 16)} or a later one`,
    got: `${challenge.consortium} with roster ${challenge.rosterHash.slice(0, 16)}`,
    next: 'check the address, or get the present roster file from the consortium',
  });
}

function makeHello(challenge: Challenge, { role, id, sign }: Identity, { random }: ConnectionModules): Hello {
  const nonce = toBase64Url(random(32));
  const { signature } = signFields(sign, 'cordon/v1/hello', helloFields(challenge, { role, id, nonce }));
  return { type: 'hello', protocol: PROTOCOL_VERSION, role, id, nonce, signature };
}

function refusal(message: Extract<ServerMessage, { type: 'error' }>): CordonError {
  const { code, expected, got, next } = message;
  if (isErrorCode(code)) return new RemoteRefusal(code, { expected, got, next });
  // A code that this version does not know says nothing about this site: it is tried again.
  return new CordonError('COORDINATOR_UNREACHABLE', { expected, got: `${code}: ${got}`, next });
}

function unreachable(address: string, got: string): CordonError {
  return new CordonError('COORDINATOR_UNREACHABLE', {
    expected: `a coordinator at ${address}`,
    got,
    next: 'check that the coordinator runs and that the address is right',
  });
}

function noWelcome(): CordonError {
  return new CordonError('TIMEOUT', {
    expected: `a signed welcome within ${HANDSHAKE_MS / 1000} s`,
    got: 'none',
    next: 'check that the address is that of a Cordon coordinator',
  });
}
