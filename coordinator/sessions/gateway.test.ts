import { connect as connectTcp } from 'node:net';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePrimitives, systemRandom } from '../../crypto/identity/node-primitives.ts';
import { SigningKey } from '../../crypto/identity/signing-key.ts';
import { toBase64Url } from '../../crypto/public/encoding.ts';
import { isSigned, signFields } from '../../crypto/public/signed.ts';
import { decode, encode } from '../../protocol/codec/codec.ts';
import { ServerMessage } from '../../protocol/messages/control.ts';
import {
  type Challenge,
  type Hello,
  PROTOCOL_VERSION,
  helloFields,
  welcomeFields,
} from '../../protocol/messages/session.ts';
import { TestCoordinator } from '../../test/running-coordinator.ts';

let coordinator: TestCoordinator;
beforeAll(async () => {
  coordinator = await TestCoordinator.start();
});
afterAll(() => coordinator.stop());

/** A bare WebSocket, for everything that no client of ours would do. */
class Raw {
  readonly socket: WebSocket;
  private readonly messages: ServerMessage[] = [];
  private readonly closing: Promise<number>;

  constructor() {
    this.socket = new WebSocket(`${coordinator.address.replace('http', 'ws')}/v1/control`);
    this.socket.on('message', (data: Buffer) => {
      this.messages.push(decode(ServerMessage, data));
      this.socket.emit('heard');
    });
    this.socket.on('error', () => undefined);
    this.closing = new Promise((resolve) => {
      this.socket.on('close', resolve);
    });
  }

  async next(): Promise<ServerMessage> {
    while (this.messages.length === 0) await once(this.socket, 'heard');
    return this.messages.shift() as ServerMessage;
  }

  async challenge(): Promise<Challenge> {
    const message = await this.next();
    if (message.type !== 'challenge') throw new Error(message.type);
    return message;
  }

  async refusal(): Promise<string> {
    for (;;) {
      const message = await this.next();
      if (message.type === 'error') return message.code;
    }
  }

  closed(): Promise<number> {
    return this.closing;
  }
}

function hello(challenge: Challenge, role: Hello['role'], id: string, key: SigningKey): Hello {
  const nonce = toBase64Url(systemRandom(32));
  const { signature } = signFields(key.sign, 'cordon/v1/hello', helloFields(challenge, { role, id, nonce }));
  return { type: 'hello', protocol: PROTOCOL_VERSION, role, id, nonce, signature };
}

const key = (id: string) => coordinator.federation.key(id);

/** The coordinator still serves its members: whatever came before has not harmed it. */
async function alive(): Promise<void> {
  const member = await coordinator.member('org-1');
  await member.state(({ phase }) => phase === 'idle');
  member.close();
}

describe('handshake', () => {
  it('ends with a welcome that the coordinator signed for this very hello', async () => {
    const raw = new Raw();
    const challenge = await raw.challenge();
    const mine = hello(challenge, 'member', 'org-2', key('org-2'));
    raw.socket.send(encode(mine));
    const welcome = await raw.next();
    if (welcome.type !== 'welcome') throw new Error(welcome.type);
    const signed = { ...welcomeFields(challenge, mine, welcome), signature: welcome.signature };
    expect(
      isSigned(nodePrimitives, coordinator.federation.roster.coordinatorKey, 'cordon/v1/welcome', signed),
    ).toBe(true);
    raw.socket.terminate();
  });

  it.each([
    ['the key of another member', 'member', 'org-1', 'org-2', 'SIGNATURE_INVALID'],
    ['an id that the roster does not have', 'member', 'org-9', 'org-1', 'UNAUTHENTICATED'],
    ['a member as operator', 'operator', 'org-1', 'org-1', 'UNAUTHENTICATED'],
    ['the id of the operator with a key of a member', 'operator', 'ops', 'org-1', 'SIGNATURE_INVALID'],
    ['an operator as member', 'member', 'ops', 'org-1', 'UNAUTHENTICATED'],
  ] as const)('refuses %s and hangs up', async (_, role, id, signer, code) => {
    const raw = new Raw();
    const challenge = await raw.challenge();
    raw.socket.send(encode(hello(challenge, role, id, key(signer))));
    expect(await raw.refusal()).toBe(code);
    expect(await raw.closed()).toBe(4002);
  });

  it('refuses a hello that was good on another connection', async () => {
    const first = new Raw();
    const mine = hello(await first.challenge(), 'member', 'org-1', key('org-1'));
    const second = new Raw();
    await second.challenge();
    second.socket.send(encode(mine));
    expect(await second.refusal()).toBe('SIGNATURE_INVALID');
    first.socket.terminate();
  });

  it('refuses a signature made for the other role', async () => {
    const raw = new Raw();
    const challenge = await raw.challenge();
    const mine = hello(challenge, 'operator', 'org-1', key('org-1'));
    raw.socket.send(encode({ ...mine, role: 'member' }));
    expect(await raw.refusal()).toBe('SIGNATURE_INVALID');
  });

  it('refuses another protocol version before it looks at anything else', async () => {
    const raw = new Raw();
    const mine = hello(await raw.challenge(), 'member', 'nobody', SigningKey.generate());
    raw.socket.send(encode({ ...mine, protocol: 99 }));
    expect(await raw.refusal()).toBe('PROTOCOL_VERSION');
  });

  it.each([
    ['no MessagePack', Uint8Array.of(0xc1)],
    ['nothing', new Uint8Array(0)],
    ['text', 'hello'],
    ['an extension type', Uint8Array.of(0xd4, 0x72, 0x00)],
    ['a message of no schema', encode({ type: 'shutdown' })],
  ])('a first message of %s ends the connection', async (_, bytes) => {
    const raw = new Raw();
    await raw.challenge();
    raw.socket.send(bytes);
    expect(await raw.refusal()).toBe('MESSAGE_MALFORMED');
    expect(await raw.closed()).toBe(4002);
  });

  it('anything but a hello first is refused', async () => {
    const raw = new Raw();
    await raw.challenge();
    raw.socket.send(encode({ type: 'ask-state' }));
    expect(await raw.refusal()).toBe('UNAUTHENTICATED');
    expect(await raw.closed()).toBe(4002);
  });

  it('one refusal a connection: what a stranger sends after it is not looked at', async () => {
    const before = coordinator.lines.filter((line) => line.includes('message refused')).length;
    const raw = new Raw();
    await raw.challenge();
    for (let i = 0; i < 200; i++) raw.socket.send(Uint8Array.of(0xc1));
    await raw.closed();
    const after = coordinator.lines.filter((line) => line.includes('message refused')).length;
    expect(after - before).toBe(1);
  });
});

describe('the gateway under attack', () => {
  it('a frame larger than a message may be is cut off without being taken into memory', async () => {
    const raw = new Raw();
    await raw.challenge();
    raw.socket.send(new Uint8Array(10_000_000));
    expect([1009, 1006]).toContain(await raw.closed());
    await alive();
  });

  it('eighty idle connections of one stranger keep nobody out: the oldest make room, and a member gets in at once', async () => {
    const idle: Raw[] = [];
    for (let i = 0; i < 80; i++) idle.push(new Raw());
    await Promise.all(idle.slice(-16).map((raw) => raw.challenge()));
    const before = performance.now();
    await alive();
    expect(performance.now() - before).toBeLessThan(1000);
    // Those of one address are counted by themselves, this machine's too; the oldest has made room first.
    expect(await idle[0]?.closed()).toBe(1013);
    expect(idle.filter(({ socket }) => socket.readyState === WebSocket.OPEN).length).toBeLessThanOrEqual(16);
    for (const raw of idle) raw.socket.terminate();
  });

  it('hundreds of connections on which nobody says a word make room too, and whoever proved itself stays', async () => {
    const { hostname, port } = new URL(coordinator.address);
    const member = await coordinator.member('org-2');
    await member.http('GET', '/v1/log?from=0');
    const mute = Array.from({ length: 300 }, () => connectTcp(Number(port), hostname));
    for (const socket of mute) socket.on('error', () => undefined).resume();
    await Promise.all(mute.map((socket) => once(socket, 'connect')));
    await alive();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(mute.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(256);
    expect(member.closed).toBeNull();
    expect((await member.http('GET', '/v1/log?from=0')).status).toBe(200);
    for (const socket of mute) socket.destroy();
    member.close();
  });

  it('one that had to make room and then breaks the WebSocket rules cannot end the process', async () => {
    const { hostname, port } = new URL(coordinator.address);
    const rude = connectTcp(Number(port), hostname);
    rude.on('error', () => undefined);
    rude.write(
      'GET /v1/control HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    await once(rude, 'data');
    const idle = Array.from({ length: 16 }, () => new Raw());
    await Promise.all(idle.map((raw) => raw.challenge()));
    // Nobody may be listening to its errors any more.
    rude.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff));
    await once(rude, 'close');
    for (const raw of idle) raw.socket.terminate();
    await alive();
  });

  it.each([
    ['messages', (raw: Raw) => raw.socket.send(encode({ type: 'ask-state' }))],
    ['pings', (raw: Raw) => raw.socket.ping()],
  ])(
    'a proven member that floods with %s is hung up on with the reason; the others go on',
    async (_, flood) => {
      const raw = new Raw();
      const challenge = await raw.challenge();
      raw.socket.send(encode(hello(challenge, 'member', 'org-3', key('org-3'))));
      expect((await raw.next()).type).toBe('welcome');
      const lines = coordinator.lines.length;
      const reason = new Promise((resolve) => {
        raw.socket.on('close', (_code, why: Buffer) => resolve(why.toString()));
      });
      // In portions: the library itself cuts off whoever sends a hundred pings at once.
      for (let i = 0; i < 400 && raw.socket.readyState === WebSocket.OPEN; i++) {
        if (i % 40 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        flood(raw);
      }
      expect(await raw.closed()).toBe(4003);
      expect(await reason).toBe('more than 20 messages a second');
      expect(coordinator.lines.slice(lines).filter((line) => line.includes('too many'))).toHaveLength(1);
      expect(coordinator.lines.length - lines).toBeLessThan(20);
      await alive();
    },
  );

  it('a proven member that sends rubbish loses its connection and nothing else', async () => {
    const raw = new Raw();
    const challenge = await raw.challenge();
    raw.socket.send(encode(hello(challenge, 'member', 'org-3', key('org-3'))));
    expect((await raw.next()).type).toBe('welcome');
    raw.socket.send(encode({ type: 'ask-state', more: 1 }));
    expect(await raw.refusal()).toBe('MESSAGE_MALFORMED');
    expect(await raw.closed()).toBe(4002);
    await alive();
  });

  it('an operator may look but not speak for a member; a second hello is refused', async () => {
    const operator = await coordinator.operate();
    const refuse = {
      type: 'refuse',
      run: 'run-0123456789abcdef',
      round: 1,
      phase: 'collecting',
      code: 'X',
      expected: '',
      got: '',
      next: '',
    } as const;
    operator.send(refuse);
    expect((await operator.error()).code).toBe('FORBIDDEN');
    const member = await coordinator.member('org-1');
    member.send(refuse);
    expect((await member.error()).code).toBe('STALE_ROUND');
    operator.close();
    member.close();
  });

  it('a second connection of a member replaces the first: its token is worthless at once, the other goes on', async () => {
    const first = await coordinator.member('org-1');
    const stranger = await coordinator.member('org-2');
    const second = await coordinator.member('org-1');
    expect((await first.http('GET', '/v1/log?from=0')).status).toBe(401);
    expect((await second.http('GET', '/v1/log?from=0')).status).toBe(200);
    await first.until(() => first.closed);
    const { waitingFor } = await second.state(({ waitingFor: names }) => names.length === 1);
    expect(waitingFor).toEqual(['org-3']);
    // The late end of the first connection does not make the member look gone.
    second.messages.length = 0;
    second.send({ type: 'ask-state' });
    expect((await second.state(() => true)).waitingFor).toEqual(['org-3']);
    stranger.close();
    second.close();
    await second.until(() => second.closed);
    expect((await second.http('GET', '/v1/log?from=0')).status).toBe(401);
  });

  it('connections that end at any moment of the handshake leave nothing behind', async () => {
    for (let i = 0; i < 20; i++) {
      const raw = new Raw();
      if (i % 3 > 0) await raw.challenge();
      if (i % 3 > 1) raw.socket.send(encode({ type: 'ask-state' }));
      raw.socket.terminate();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    const silent = Array.from({ length: 15 }, () => new Raw());
    await Promise.all(silent.map((raw) => raw.challenge()));
    await alive();
    for (const raw of silent) raw.socket.terminate();
  });
});
