import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { afterEach, describe, expect, it } from 'vitest';
import { nodePrimitives, systemRandom } from '../../crypto/identity/node-primitives.ts';
import { toBase64Url } from '../../crypto/public/encoding.ts';
import { rosterHash } from '../../crypto/public/roster.ts';
import { signFields } from '../../crypto/public/signed.ts';
import { decode, encode } from '../../protocol/codec/codec.ts';
import { ClientMessage, type ServerMessage } from '../../protocol/messages/control.ts';
import { type Hello, PROTOCOL_VERSION, welcomeFields } from '../../protocol/messages/session.ts';
import { toCordonError } from '../../protocol/errors.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import { bookOf } from '../../test/running-coordinator.ts';
import { Connection } from './connection.ts';
import { Backoff } from './reconnect.ts';

const federation = new TestFederation(3);
const { roster } = federation;
const CHALLENGE = {
  type: 'challenge' as const,
  protocol: PROTOCOL_VERSION,
  consortium: roster.consortium,
  rosterHash: rosterHash(nodePrimitives, roster),
  nonce: toBase64Url(systemRandom(32)),
};

let server: WebSocketServer | null = null;
afterEach(() => {
  for (const socket of server?.clients ?? []) socket.terminate();
  server?.close();
});

/** A coordinator that says what the test says. */
async function addressOf(onConnection: (socket: WebSocket) => void): Promise<string> {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', onConnection);
  await new Promise((resolve) => server?.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const received: ServerMessage[] = [];
const closings: string[] = [];
async function open(address: string): Promise<Connection> {
  received.length = 0;
  closings.length = 0;
  return Connection.open(
    address,
    { role: 'member', id: 'org-1', sign: federation.key('org-1').sign },
    { epochs: await bookOf(federation), primitives: nodePrimitives, random: systemRandom },
    { onMessage: (message) => received.push(message), onClose: (reason) => closings.push(reason) },
  );
}

async function refusal(address: string): Promise<string> {
  return open(address).then(
    () => 'accepted',
    (error: unknown) => toCordonError(error).code,
  );
}

function welcome(hello: Hello, signer = federation.coordinator) {
  const fields = { token: toBase64Url(systemRandom(32)), time: 1 };
  const { signature } = signFields(signer.sign, 'cordon/v1/welcome', welcomeFields(CHALLENGE, hello, fields));
  return { type: 'welcome' as const, id: hello.id, ...fields, signature };
}

/** Sends the challenge and answers the hello with what `answer` makes of it. */
function answering(answer: (hello: Hello) => unknown) {
  return (socket: WebSocket) => {
    socket.send(encode(CHALLENGE));
    socket.on('message', (data: Buffer) => {
      const message = decode(ClientMessage, data);
      if (message.type === 'hello') socket.send(encode(answer(message)));
    });
  };
}

describe('a connection is one only after the welcome of the right coordinator', () => {
  it('accepts it, hands on what follows, and reports the end', async () => {
    let peer: WebSocket | null = null;
    const address = await addressOf((socket) => {
      peer = socket;
      answering((hello) => welcome(hello))(socket);
    });
    const connection = await open(address);
    expect(connection.token).toHaveLength(43);
    (peer as WebSocket | null)?.close(1001, 'stopping');
    while (closings.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(closings).toEqual(['stopping']);
    connection.send({ type: 'ask-state' }); // on a closed link: nothing happens
    connection.close();
  });

  it('refuses a coordinator with another key, and one that replays a welcome for somebody else', async () => {
    expect(
      await refusal(await addressOf(answering((hello) => welcome(hello, federation.key('org-2'))))),
    ).toBe('SIGNATURE_INVALID');
    server?.close();
    expect(await refusal(await addressOf(answering((hello) => welcome({ ...hello, id: 'org-2' }))))).toBe(
      'SIGNATURE_INVALID',
    );
    server?.close();
    const replayed = await addressOf(
      answering((hello) => welcome({ ...hello, nonce: toBase64Url(systemRandom(32)) })),
    );
    expect(await refusal(replayed)).toBe('SIGNATURE_INVALID');
  });

  it.each([
    ['another consortium', { consortium: 'other' }, 'ROSTER_INVALID'],
    ['another version', { protocol: PROTOCOL_VERSION + 1 }, 'PROTOCOL_VERSION'],
  ])('refuses %s in the challenge and signs nothing for it', async (_, changes, code) => {
    let heard = 0;
    const address = await addressOf((socket) => {
      socket.on('message', () => (heard += 1));
      socket.send(encode({ ...CHALLENGE, ...changes }));
    });
    expect(await refusal(address)).toBe(code);
    expect(heard).toBe(0);
  });

  it.each([
    [
      'a state before the welcome',
      {
        type: 'state',
        phase: 'idle',
        run: null,
        round: null,
        step: 0,
        steps: 0,
        logSize: 0,
        done: 0,
        expected: 0,
        waitingFor: [],
      },
      'TIMEOUT',
    ],
    ['a second challenge', CHALLENGE, 'TIMEOUT'],
    [
      'a refusal',
      { type: 'error', code: 'UNAUTHENTICATED', message: 'm', expected: 'e', got: 'g', next: 'n' },
      'UNAUTHENTICATED',
    ],
    [
      'a refusal that this version does not know',
      { type: 'error', code: 'NEW_CODE', message: 'm', expected: 'e', got: 'g', next: 'n' },
      'COORDINATOR_UNREACHABLE',
    ],
    [
      'a refusal that looks like one of the own disk',
      { type: 'error', code: 'ENOSPC', message: 'm', expected: 'e', got: 'g', next: 'n' },
      'COORDINATOR_UNREACHABLE',
    ],
    ['rubbish', { type: 'rubbish' }, 'MESSAGE_MALFORMED'],
  ])('%s instead of the welcome is %s', async (_, message, code) => {
    expect(await refusal(await addressOf(answering(() => message)))).toBe(code);
  });

  it('a server that hangs up, or that is none, cannot be reached', async () => {
    expect(await refusal(await addressOf((socket) => socket.close()))).toBe('COORDINATOR_UNREACHABLE');
    const address = await addressOf(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    expect(await refusal(address)).toBe('COORDINATOR_UNREACHABLE');
  });

  it('rubbish after the welcome ends the connection instead of the process', async () => {
    const address = await addressOf((socket) => {
      answering((hello) => welcome(hello))(socket);
      setTimeout(() => socket.send(Uint8Array.of(0xc1)), 50);
    });
    await open(address);
    while (closings.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(received).toEqual([]);
  });
});

describe('waiting before the next attempt', () => {
  it('doubles up to its bound with jitter, starts again after a success, and ends with the signal', async () => {
    const waited = async (backoff: Backoff) => {
      const started = performance.now();
      await backoff.wait(AbortSignal.timeout(10_000));
      return performance.now() - started;
    };
    const low = new Backoff((length) => new Uint8Array(length));
    expect(await waited(low)).toBeGreaterThan(110);
    expect(await waited(low)).toBeGreaterThan(230);
    expect(await waited(low)).toBeGreaterThan(480);
    low.reset();
    expect(await waited(low)).toBeLessThan(480);
    const high = new Backoff((length) => new Uint8Array(length).fill(255));
    const stop = new AbortController();
    const started = performance.now();
    setTimeout(() => stop.abort(), 20);
    await high.wait(stop.signal);
    await high.wait(stop.signal);
    // Not stopped, these two take 250 and 500 ms.
    expect(performance.now() - started).toBeLessThan(700);
  });
});
