import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { BODY_LIMITS, type BodyLimits } from '../coordinator/api/bodies.ts';
import { startCoordinator, type RunningCoordinator } from '../coordinator/coordinator.ts';
import { nodePrimitives, systemRandom } from '../crypto/identity/node-primitives.ts';
import { SigningKey } from '../crypto/identity/signing-key.ts';
import { Connection, type Identity } from '../participant/api/connection.ts';
import { EpochBook } from '../participant/federation/epoch-book.ts';
import type { FailpointCheck } from '../protocol/failpoints.ts';
import { splitFrames } from '../protocol/codec/frames.ts';
import { decode, encode } from '../protocol/codec/codec.ts';
import type { ClientMessage, ServerMessage } from '../protocol/messages/control.ts';
import { SignedLogEntryMessage } from '../protocol/messages/log-entry.ts';
import type { State } from '../protocol/messages/control.ts';
import type { TrainTask } from '../protocol/task.ts';
import { TestFederation } from './crypto-federation.ts';

/** A small task that any consortium of three or more can run in a moment. */
export const TASK: TrainTask = {
  kind: 'train-edge-scorer',
  name: 'test',
  rounds: 1,
  seed: 7,
  model: { kind: 'edge-scorer', features: 'edge-v1', hidden: 4 },
  training: { steps: 5, batch: 8, learningRate: 0.01, corrupted: 0 },
  quantiser: { clipNorm: 1, bits: 16, layout: '3x26' },
  kMin: 3,
  deadlines: { advertiseSeconds: 20, collectSeconds: 20, graceSeconds: 20, openSeconds: 20 },
};

/** Log lines that a test may look at, and nothing on the terminal. */
export function quietLogger(lines: string[] = []): Logger {
  return pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
}

/** A real coordinator on a loopback port, with its state in a temporary folder. */
export class TestCoordinator {
  federation: TestFederation;
  readonly operator = SigningKey.generate();
  readonly lines: string[] = [];
  readonly state: string;
  address = '';
  private running: RunningCoordinator | null = null;

  private readonly bodyLimits: BodyLimits;

  /** Failures that this coordinator makes on purpose; a test may change it at any time. */
  failpoint: FailpointCheck = () => false;

  private constructor(federation: TestFederation, state: string, bodyLimits: BodyLimits) {
    this.federation = federation;
    this.state = state;
    this.bodyLimits = bodyLimits;
  }

  static async start(members = 3, bodyLimits: BodyLimits = BODY_LIMITS): Promise<TestCoordinator> {
    const state = await mkdtemp(join(tmpdir(), 'cordon-coordinator-'));
    const self = new TestCoordinator(new TestFederation(members), state, bodyLimits);
    await self.restart();
    return self;
  }

  /** The same state again, as after a stop; in another epoch if the test says so. */
  async restart(federation: TestFederation = this.federation): Promise<void> {
    await this.halt();
    this.federation = federation;
    const { chain, coordinator } = federation;
    this.running = await startCoordinator(
      {
        host: '127.0.0.1',
        // The members know it at the address that it had before.
        port: this.address === '' ? 0 : Number(new URL(this.address).port),
        stateDirectory: this.state,
        chain,
        operators: [{ id: 'ops', signKey: this.operator.publicKey }],
        bodyLimits: this.bodyLimits,
      },
      {
        primitives: nodePrimitives,
        random: systemRandom,
        sign: coordinator.sign,
        publicKey: coordinator.publicKey,
        now: () => Date.now(),
        elapsed: () => performance.now(),
        failpoint: (name, round) => this.failpoint(name, round),
        logger: quietLogger(this.lines),
      },
    );
    this.address = this.running.address;
  }

  /** Stops it; its state stays. */
  async halt(): Promise<void> {
    await this.running?.stop();
    this.running = null;
  }

  async stop(): Promise<void> {
    await this.halt();
    await rm(this.state, { recursive: true, force: true });
  }

  async connect(identity: Identity, epochs?: EpochBook): Promise<TestClient> {
    return TestClient.connect(this, identity, epochs ?? (await bookOf(this.federation)));
  }

  member(id: string, epochs?: EpochBook): Promise<TestClient> {
    return this.connect({ role: 'member', id, sign: this.federation.key(id).sign }, epochs);
  }

  operate(): Promise<TestClient> {
    return this.connect({ role: 'operator', id: 'ops', sign: this.operator.sign });
  }
}

/** What somebody who has the present roster file knows. */
export function bookOf(federation: TestFederation, path: string | null = null): Promise<EpochBook> {
  return EpochBook.open(path, nodePrimitives, federation.chain);
}

/** One proven connection and plain HTTP beside it. */
export class TestClient {
  readonly messages: ServerMessage[] = [];
  readonly coordinator: TestCoordinator;
  closed: string | null = null;
  private link: Connection | null = null;
  private wake: () => void = () => undefined;

  private constructor(coordinator: TestCoordinator) {
    this.coordinator = coordinator;
  }

  static async connect(
    coordinator: TestCoordinator,
    identity: Identity,
    epochs: EpochBook,
  ): Promise<TestClient> {
    const client = new TestClient(coordinator);
    client.link = await Connection.open(
      coordinator.address,
      identity,
      { epochs, primitives: nodePrimitives, random: systemRandom },
      {
        onMessage: (message) => {
          client.messages.push(message);
          client.wake();
        },
        onClose: (reason) => {
          client.closed = reason;
          client.wake();
        },
      },
    );
    return client;
  }

  get token(): string {
    return this.link?.token ?? '';
  }

  send(message: ClientMessage): void {
    this.link?.send(message);
  }

  close(): void {
    this.link?.close();
  }

  /** The first state message that fits, already here or still to come. */
  state(fits: (state: State) => boolean): Promise<State> {
    return this.until(
      () => this.messages.find((message) => message.type === 'state' && fits(message)) as State | undefined,
    );
  }

  /** The next error message. */
  error(): Promise<Extract<ServerMessage, { type: 'error' }>> {
    return this.until(() => this.messages.find((message) => message.type === 'error'));
  }

  async until<T>(look: () => T | undefined | null | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== null && found !== false) return found;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('waited in vain')), 8000);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  http(
    method: string,
    path: string,
    init: { body?: string | Uint8Array; type?: string; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.token}`, ...init.headers };
    if (init.type !== undefined) headers['content-type'] = init.type;
    return fetch(this.coordinator.address + path, {
      method,
      headers,
      ...(init.body === undefined ? {} : { body: init.body, duplex: 'half' as const }),
    });
  }

  message(method: string, path: string, value: unknown): Promise<Response> {
    return this.http(method, path, { body: encode(value), type: 'application/msgpack' });
  }

  block(id: string, offset: number, bytes: Uint8Array): Promise<Response> {
    return this.http('PATCH', `/v1/uploads/${id}`, {
      body: bytes,
      type: 'application/octet-stream',
      headers: { 'upload-offset': String(offset) },
    });
  }

  /** The values of an opened sum. */
  async sum(round: number): Promise<number[]> {
    const response = await this.http('GET', `/v1/rounds/${round}/sum`);
    return [...new Uint32Array(await response.arrayBuffer())];
  }

  async log(from = 0): Promise<SignedLogEntryMessage[]> {
    const response = await this.http('GET', `/v1/log?from=${from}`);
    const frames = splitFrames(new Uint8Array(await response.arrayBuffer()));
    return frames.map((frame) => decode(SignedLogEntryMessage, frame));
  }
}
