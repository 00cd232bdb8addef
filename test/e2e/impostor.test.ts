import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives, systemRandom } from '../../crypto/identity/node-primitives.ts';
import { toBase64Url } from '../../crypto/public/encoding.ts';
import { rosterHash } from '../../crypto/public/roster.ts';
import { simulatedData } from '../../experiments/demo/data.ts';
import { Workspace } from '../../experiments/demo/workspace.ts';
import type { ParticipantConfig } from '../../participant/config.ts';
import { encode } from '../../protocol/codec/codec.ts';
import { PROTOCOL_VERSION } from '../../protocol/messages/session.ts';
import { RunningAgent } from '../running-agent.ts';
import { TestCoordinator } from '../running-coordinator.ts';

/** Somebody else at the coordinator's address while it restarts, and a participant that comes back to it. */
let workspace: Workspace;
let telemetry: ParticipantConfig['telemetry'];
beforeAll(async () => {
  workspace = await Workspace.create(null);
  const world = { hosts: 25, accounts: 30, days: 3, trainDays: 2 };
  const [site] = (await simulatedData(workspace, 3, world, 5, () => undefined)).sites.values();
  telemetry = site ?? expect.fail();
});
afterAll(() => workspace.remove());

let coordinator: TestCoordinator;
let agent: RunningAgent | null = null;
beforeEach(async () => {
  coordinator = await TestCoordinator.start(3);
});
afterEach(async () => {
  await agent?.stop();
  await coordinator.stop();
});

const challenge = () => ({
  type: 'challenge',
  protocol: PROTOCOL_VERSION,
  consortium: coordinator.federation.roster.consortium,
  rosterHash: rosterHash(nodePrimitives, coordinator.federation.roster),
  nonce: toBase64Url(systemRandom(32)),
});
const welcome = () => ({
  type: 'welcome',
  id: 'org-1',
  token: toBase64Url(systemRandom(32)),
  time: 1,
  signature: toBase64Url(systemRandom(64)),
});

const LIES = [
  ['PROTOCOL_VERSION', () => ({ ...challenge(), protocol: PROTOCOL_VERSION + 1 })],
  ['ROSTER_INVALID', () => ({ ...challenge(), consortium: 'other' })],
  ['SIGNATURE_INVALID', challenge],
] as const;

/** Answers at the coordinator's address until the work is done. */
async function instead(say: () => unknown, work: () => Promise<void>): Promise<void> {
  await coordinator.halt();
  const server = new WebSocketServer({ port: Number(new URL(coordinator.address).port), host: '127.0.0.1' });
  server.on('connection', (socket) => {
    socket.on('message', () => socket.send(encode(welcome())));
    socket.send(encode(say()));
  });
  await once(server, 'listening');
  try {
    await work();
  } finally {
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  }
}

const until = (what: () => boolean) => expect.poll(what, { timeout: 15_000 }).toBe(true);

describe("somebody else at the coordinator's address", () => {
  it.each(LIES)('ends no participant that knows the coordinator by %s', async (code, say) => {
    const known = (agent = await RunningAgent.start('org-1', coordinator, telemetry));
    expect(known.connected).toBe(1);
    const warned = () => known.lines.some((line) => line.includes(code) && line.includes('did not prove'));
    await instead(say, () => until(() => warned() || known.end !== null));
    expect(known.end).toBeNull();
    await coordinator.restart();
    await until(() => known.connected === 2);
  });

  it.each(LIES)('stops one at its first connection with %s', async (code, say) => {
    await instead(say, async () => {
      agent = await RunningAgent.start('org-1', coordinator, telemetry);
      await until(() => agent?.end !== null);
    });
    expect(agent).toMatchObject({ connected: 0, end: { code } });
    await coordinator.restart();
  });
});
