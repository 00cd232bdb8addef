import { once } from 'node:events';
import { WebSocket } from 'ws';
import { systemRandom } from '../crypto/identity/node-primitives.ts';
import type { SigningKey } from '../crypto/identity/signing-key.ts';
import { toBase64Url } from '../crypto/public/encoding.ts';
import { signFields } from '../crypto/public/signed.ts';
import { decode } from '../protocol/codec/codec.ts';
import { ServerMessage } from '../protocol/messages/control.ts';
import { type Challenge, type Hello, PROTOCOL_VERSION, helloFields } from '../protocol/messages/session.ts';
import type { TestCoordinator } from './running-coordinator.ts';

/** A bare WebSocket, for everything that no client of ours would do. */
export class RawConnection {
  readonly socket: WebSocket;
  private readonly messages: ServerMessage[] = [];
  private readonly closing: Promise<number>;

  constructor(coordinator: TestCoordinator) {
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

export function helloOf(challenge: Challenge, role: Hello['role'], id: string, key: SigningKey): Hello {
  const nonce = toBase64Url(systemRandom(32));
  const { signature } = signFields(key.sign, 'cordon/v1/hello', helloFields(challenge, { role, id, nonce }));
  return { type: 'hello', protocol: PROTOCOL_VERSION, role, id, nonce, signature };
}

/** The coordinator still serves its members: whatever came before has not harmed it. */
export async function isAlive(coordinator: TestCoordinator): Promise<void> {
  const member = await coordinator.member('org-1');
  await member.state(({ phase }) => phase === 'idle');
  member.close();
}
