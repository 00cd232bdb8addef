import { connect as connectTcp } from 'node:net';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../protocol/codec/codec.ts';
import { TestCoordinator } from '../../test/running-coordinator.ts';
import { RawConnection, helloOf, isAlive } from '../../test/raw-connection.ts';

let coordinator: TestCoordinator;
beforeAll(async () => {
  coordinator = await TestCoordinator.start();
});
afterAll(() => coordinator.stop());

const key = (id: string) => coordinator.federation.key(id);

describe('the gateway under attack', () => {
  it('a frame larger than a message may be is cut off without being taken into memory', async () => {
    const raw = new RawConnection(coordinator);
    await raw.challenge();
    raw.socket.send(new Uint8Array(10_000_000));
    expect([1009, 1006]).toContain(await raw.closed());
    await isAlive(coordinator);
  });

  it('eighty idle connections of one stranger keep nobody out: the oldest make room, and a member gets in at once', async () => {
    const idle: RawConnection[] = [];
    for (let i = 0; i < 80; i++) idle.push(new RawConnection(coordinator));
    await Promise.all(idle.slice(-16).map((raw) => raw.challenge()));
    const before = performance.now();
    await isAlive(coordinator);
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
    await isAlive(coordinator);
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
    const idle = Array.from({ length: 16 }, () => new RawConnection(coordinator));
    await Promise.all(idle.map((raw) => raw.challenge()));
    // Nobody may be listening to its errors any more.
    rude.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff));
    await once(rude, 'close');
    for (const raw of idle) raw.socket.terminate();
    await isAlive(coordinator);
  });

  it.each([
    ['messages', (raw: RawConnection) => raw.socket.send(encode({ type: 'ask-state' }))],
    ['pings', (raw: RawConnection) => raw.socket.ping()],
  ])(
    'a proven member that floods with %s is hung up on with the reason; the others go on',
    async (_, flood) => {
      const raw = new RawConnection(coordinator);
      const challenge = await raw.challenge();
      raw.socket.send(encode(helloOf(challenge, 'member', 'org-3', key('org-3'))));
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
      await isAlive(coordinator);
    },
  );

  it('a proven member that sends rubbish loses its connection and nothing else', async () => {
    const raw = new RawConnection(coordinator);
    const challenge = await raw.challenge();
    raw.socket.send(encode(helloOf(challenge, 'member', 'org-3', key('org-3'))));
    expect((await raw.next()).type).toBe('welcome');
    raw.socket.send(encode({ type: 'ask-state', more: 1 }));
    expect(await raw.refusal()).toBe('MESSAGE_MALFORMED');
    expect(await raw.closed()).toBe(4002);
    await isAlive(coordinator);
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
      const raw = new RawConnection(coordinator);
      if (i % 3 > 0) await raw.challenge();
      if (i % 3 > 1) raw.socket.send(encode({ type: 'ask-state' }));
      raw.socket.terminate();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    const silent = Array.from({ length: 15 }, () => new RawConnection(coordinator));
    await Promise.all(silent.map((raw) => raw.challenge()));
    await isAlive(coordinator);
    for (const raw of silent) raw.socket.terminate();
  });
});
