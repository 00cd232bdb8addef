/**
 * The coordinator of the plaintext job, a process: the deployed coordinator's connections, tokens and server, and
 * federated averaging in the place of encryption, shares, committee, check, audit and log.
 * Arguments: coordinator.yaml, a folder for its model.
 */
import type { AddressInfo } from 'node:net';
import { createServer, sessionOf } from '../../../../coordinator/api/server.ts';
import { loadCoordinatorConfig } from '../../../../coordinator/config.ts';
import { Announcer } from '../../../../coordinator/sessions/announcer.ts';
import { Gateway } from '../../../../coordinator/sessions/gateway.ts';
import { Sessions } from '../../../../coordinator/sessions/session.ts';
import { nodePrimitives, systemRandom } from '../../../../crypto/identity/node-primitives.ts';
import { SigningKey } from '../../../../crypto/identity/signing-key.ts';
import { steadyHeap } from '../../../../crypto/identity/steady-heap.ts';
import { asked, benchLogger, readChain } from './setup.ts';
import { float32ToBytes } from '../../../../models/detection/model-hash.ts';
import { decode } from '../../../../protocol/codec/codec.ts';
import { collect } from '../../../../protocol/codec/collect.ts';
import type { State } from '../../../../protocol/messages/control.ts';
import { TrainTask } from '../../../../protocol/task.ts';
import { PlainRun, RUN } from './averaging.ts';
import { plainPaths } from './paths.ts';

steadyHeap();
const [configPath = '', folder = ''] = process.argv.slice(2);
const config = await loadCoordinatorConfig(configPath);
const key = await SigningKey.load(config.key);
const chain = await readChain(config.roster);
const sessions = new Sessions(() => performance.now());
const modules = {
  chain,
  roster: chain.last,
  sessions,
  primitives: nodePrimitives,
  random: systemRandom,
  sign: key.sign,
  publicKey: key.publicKey,
  now: () => Date.now(),
  elapsed: () => performance.now(),
  failpoint: () => false,
  logger: benchLogger('plain-coordinator'),
};
const members = chain.last.members.length;
let run: PlainRun | null = null;
let nextRound = 1;

const announcer = new Announcer(sessions, (): State => {
  const active = run && !run.over ? run : null;
  return {
    type: 'state',
    phase: active ? 'collecting' : 'idle',
    run: active && RUN,
    round: active && active.round,
    step: active ? active.round - active.firstRound + 1 : 0,
    steps: active ? active.task.rounds : 0,
    logSize: nextRound,
    done: active ? active.uploaded : sessions.members().length,
    expected: members,
    waitingFor: [],
  };
});

const { server, prove } = createServer(modules);
server.post('/v1/runs', async (request, reply) => {
  sessionOf(request, 'operator');
  const task = decode(TrainTask, request.body instanceof Uint8Array ? request.body : new Uint8Array(0));
  run = new PlainRun(task, nextRound, members, folder);
  nextRound += task.rounds;
  announcer.changed();
  return reply.code(201).send(run.summary());
});
server.get('/v1/runs', () => ({ runs: run ? [run.summary()] : [] }));
server.get(plainPaths.task(), () => run?.task ?? {});
server.get(plainPaths.model(':round'), (_request, reply) => {
  const bytes = float32ToBytes(run?.weights ?? new Float32Array(0));
  return reply.type('application/octet-stream').send(Buffer.from(bytes.buffer));
});
server.patch<{ Params: { round: string } }>(plainPaths.update(':round'), async (request, reply) => {
  const { id } = sessionOf(request, 'member');
  const pieces = request.body as AsyncIterable<Uint8Array>;
  const update = await collect(pieces, run?.updateBytes ?? 0, 'correct the bench');
  await run?.add(id, Number(request.params.round), update);
  announcer.changed();
  return reply.code(204).send();
});
await server.listen({ host: '127.0.0.1', port: 0 });
const tellAll = () => announcer.changed();
const gateway = new Gateway(server.server, modules, config.operators, {
  onProven: prove,
  onOpen: tellAll,
  onClose: tellAll,
  onMessage: (session, message) => {
    if (message.type === 'ask-state') announcer.tell(session);
    return Promise.resolve();
  },
});
const { port } = server.server.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ address: `http://127.0.0.1:${port}` })}\n`);
await asked();
announcer.stop();
gateway.close();
await server.close();
