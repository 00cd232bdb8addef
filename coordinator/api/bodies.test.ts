import { type Socket, connect } from 'node:net';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../protocol/codec/codec.ts';
import { BULK_LIMITS } from '../../protocol/messages/bulk.ts';
import { DrivenRound, blobOf, manifestOf, statusOf } from '../../test/driven-round.ts';
import { TestCoordinator } from '../../test/running-coordinator.ts';
import { BODY_LIMITS, readMessage, steady } from './bodies.ts';

/** A body whose sender is in the hands of the test. */
function sender() {
  const stream = new PassThrough();
  return { stream, send: (bytes: number) => stream.write(new Uint8Array(bytes)) };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('bodies', () => {
  const limits = { messageMs: 150, patienceMs: 150, leastRate: 10_000 };

  it('a message is taken whole, up to its limit and not a byte more', async () => {
    const of = (...sizes: number[]) => Readable.from(sizes.map((size) => new Uint8Array(size).fill(7)));
    expect(await readMessage(of(3, 4), 7, limits)).toEqual(new Uint8Array(7).fill(7));
    expect(await readMessage(of(), 7, limits)).toEqual(new Uint8Array(0));
    await expect(readMessage(of(3, 5), 7, limits)).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
  });

  it('a message has one time for all of it: a trickle earns nothing', async () => {
    const { stream, send } = sender();
    const timer = setInterval(() => send(1), 20);
    const started = performance.now();
    await expect(readMessage(stream, 1000, limits)).rejects.toMatchObject({ code: 'TIMEOUT' });
    clearInterval(timer);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('a block that comes at the least rate may take as long as it likes', async () => {
    const { stream, send } = sender();
    void (async () => {
      for (let i = 0; i < 20; i++) {
        send(500);
        await pause(25);
      }
      stream.end();
    })();
    let total = 0;
    for await (const piece of steady(stream, limits)) total += piece.length;
    expect(total).toBe(10_000);
  });

  it('a block below the least rate is cut off; what it got before stands, and the stream is not destroyed', async () => {
    const { stream, send } = sender();
    const timer = setInterval(() => send(10), 20);
    let total = 0;
    await expect(
      (async () => {
        for await (const piece of steady(stream, limits)) total += piece.length;
      })(),
    ).rejects.toMatchObject({ code: 'TIMEOUT', status: 408 });
    clearInterval(timer);
    expect(total).toBeGreaterThan(0);
    expect(stream.destroyed).toBe(false);
  });

  it('a slow disk on this side is not the fault of the sender', async () => {
    const stream = Readable.from([10, 20, 30, 40].map((size) => new Uint8Array(size)));
    let pieces = 0;
    for await (const _ of steady(stream, limits)) {
      pieces += 1;
      await pause(100);
    }
    expect(pieces).toBe(4);
  });

  it('a body that breaks off is said to', async () => {
    const { stream, send } = sender();
    send(10);
    setTimeout(() => stream.destroy(new Error('reset')), 20);
    await expect(readMessage(stream, 1000, limits)).rejects.toMatchObject({
      code: 'MESSAGE_MALFORMED',
      got: 'a connection that broke off',
    });
  });
});

describe('bodies over the network', () => {
  let coordinator: TestCoordinator;
  beforeAll(async () => {
    coordinator = await TestCoordinator.start(3, { ...BODY_LIMITS, messageMs: 400, patienceMs: 400 });
  });
  afterAll(() => coordinator.stop());

  /** A request whose body is announced and left to the test. */
  function request(method: string, path: string, headers: Record<string, string>) {
    const { hostname, port } = new URL(coordinator.address);
    const socket: Socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    let answer = '';
    socket.on('data', (data: Buffer) => {
      answer += data.toString();
    });
    const lines = Object.entries({ host: 'x', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    const closed = once(socket, 'close').then(() => answer);
    return { socket, closed };
  }

  it.each([
    ['POST', '/v1/uploads', 'application/msgpack'],
    ['POST', '/v1/runs', 'application/msgpack'],
    ['PATCH', `/v1/uploads/${'0'.repeat(64)}`, 'application/octet-stream'],
    ['POST', '/v1/nothing', 'application/msgpack'],
    ['POST', '/', 'text/plain'],
    ['GET', '/healthz', 'text/plain'],
  ])('%s %s of a stranger is refused before a byte of its body is read', async (method, path, type) => {
    const started = performance.now();
    const { closed } = request(method, path, {
      'content-type': type,
      'content-length': String(BULK_LIMITS.block),
    });
    const answer = await closed; // without a byte of the body having been sent
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toContain('UNAUTHENTICATED');
    expect(performance.now() - started).toBeLessThan(300);
  });

  it('healthz is open to everybody', async () => {
    expect((await fetch(`${coordinator.address}/healthz`)).status).toBe(200);
    expect((await fetch(`${coordinator.address}/healthz?x=1`)).status).toBe(200);
  });

  it('a message that trickles gets 408 and is hung up on', async () => {
    const member = await coordinator.member('org-1');
    const { socket, closed } = request('POST', '/v1/uploads', {
      authorization: `Bearer ${member.token}`,
      'content-type': 'application/msgpack',
      'content-length': '1000',
    });
    const timer = setInterval(() => socket.write('x'), 30);
    const answer = await closed;
    clearInterval(timer);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('TIMEOUT');
    member.close();
  });

  it('a trickling block gets 408, what arrived is kept, the others are not held up, and the upload goes on', async () => {
    const round = await DrivenRound.start(coordinator);
    await round.announced();
    const client = round.client('org-1');
    const slow = round.contribution('org-1');
    const blob = blobOf(slow);
    const { upload } = await statusOf(await client.message('POST', '/v1/uploads', manifestOf(slow)));
    const { socket, closed } = request('PATCH', `/v1/uploads/${upload}`, {
      authorization: `Bearer ${client.token}`,
      'content-type': 'application/octet-stream',
      'content-length': String(blob.length),
      'upload-offset': '0',
    });
    let sent = 0;
    const timer = setInterval(() => {
      socket.write(blob.subarray(sent, sent + 7));
      sent += 7;
    }, 30);
    const others = await Promise.all(['org-2', 'org-3'].map((id) => round.upload(round.contribution(id))));
    expect(others.map(({ receipt }) => receipt?.entry.kind)).toEqual(['upload', 'upload']);
    const answer = await closed;
    clearInterval(timer);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    const { offset } = await statusOf(await client.message('POST', '/v1/uploads', manifestOf(slow)));
    expect(offset).toBeGreaterThan(0);
    expect(offset).toBeLessThanOrEqual(sent);
    const done = await statusOf(await client.block(upload, offset, blob.subarray(offset)));
    expect(done.receipt?.entry.kind).toBe('upload');
    await round.end();
  });

  it('a message larger than its limit gets 413, in one piece or in chunks', async () => {
    const operator = await coordinator.operate();
    const large = encode('x'.repeat(60_000));
    expect(
      (await operator.http('POST', '/v1/runs', { body: large, type: 'application/msgpack' })).status,
    ).toBe(400);
    const { socket, closed } = request('POST', '/v1/runs', {
      authorization: `Bearer ${operator.token}`,
      'content-type': 'application/msgpack',
      'transfer-encoding': 'chunked',
    });
    for (let i = 0; i < 9; i++) socket.write(`2000\r\n${'x'.repeat(0x2000)}\r\n`);
    expect(await closed).toMatch(/^HTTP\/1\.1 413 /);
    operator.close();
  });
});
