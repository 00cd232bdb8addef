import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { SigningKey } from '../../crypto/identity/signing-key.ts';
import { isSigned } from '../../crypto/public/signed.ts';
import { encode } from '../../protocol/codec/codec.ts';
import { welcomeFields } from '../../protocol/messages/session.ts';
import { TestCoordinator } from '../../test/running-coordinator.ts';
import { RawConnection, helloOf } from '../../test/raw-connection.ts';

let coordinator: TestCoordinator;
beforeAll(async () => {
  coordinator = await TestCoordinator.start();
});
afterAll(() => coordinator.stop());

const key = (id: string) => coordinator.federation.key(id);

describe('handshake', () => {
  it('ends with a welcome that the coordinator signed for this very hello', async () => {
    const raw = new RawConnection(coordinator);
    const challenge = await raw.challenge();
    const mine = helloOf(challenge, 'member', 'org-2', key('org-2'));
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
    const raw = new RawConnection(coordinator);
    const challenge = await raw.challenge();
    raw.socket.send(encode(helloOf(challenge, role, id, key(signer))));
    expect(await raw.refusal()).toBe(code);
    expect(await raw.closed()).toBe(4002);
  });

  it('refuses a hello that was good on another connection', async () => {
    const first = new RawConnection(coordinator);
    const mine = helloOf(await first.challenge(), 'member', 'org-1', key('org-1'));
    const second = new RawConnection(coordinator);
    await second.challenge();
    second.socket.send(encode(mine));
    expect(await second.refusal()).toBe('SIGNATURE_INVALID');
    first.socket.terminate();
  });

  it('refuses a signature made for the other role', async () => {
    const raw = new RawConnection(coordinator);
    const challenge = await raw.challenge();
    const mine = helloOf(challenge, 'operator', 'org-1', key('org-1'));
    raw.socket.send(encode({ ...mine, role: 'member' }));
    expect(await raw.refusal()).toBe('SIGNATURE_INVALID');
  });

  it('refuses another protocol version before it looks at anything else', async () => {
    const raw = new RawConnection(coordinator);
    const mine = helloOf(await raw.challenge(), 'member', 'nobody', SigningKey.generate());
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
    const raw = new RawConnection(coordinator);
    await raw.challenge();
    raw.socket.send(bytes);
    expect(await raw.refusal()).toBe('MESSAGE_MALFORMED');
    expect(await raw.closed()).toBe(4002);
  });

  it('anything but a hello first is refused', async () => {
    const raw = new RawConnection(coordinator);
    await raw.challenge();
    raw.socket.send(encode({ type: 'ask-state' }));
    expect(await raw.refusal()).toBe('UNAUTHENTICATED');
    expect(await raw.closed()).toBe(4002);
  });

  it('one refusal a connection: what a stranger sends after it is not looked at', async () => {
    const before = coordinator.lines.filter((line) => line.includes('message refused')).length;
    const raw = new RawConnection(coordinator);
    await raw.challenge();
    for (let i = 0; i < 200; i++) raw.socket.send(Uint8Array.of(0xc1));
    await raw.closed();
    const after = coordinator.lines.filter((line) => line.includes('message refused')).length;
    expect(after - before).toBe(1);
  });
});
