/**
 * A member of the plaintext job, a process: the deployed participant's telemetry, features, training, quantiser and
 * connections; its update goes to the coordinator as it is.
 * Arguments: participant.yaml, address of the coordinator, a folder of its own.
 */
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { steadyHeap } from '../../../../crypto/identity/steady-heap.ts';
import { asked, benchLogger, readChain } from './setup.ts';
import { nodePrimitives, systemRandom } from '../../../../crypto/identity/node-primitives.ts';
import { SigningKey } from '../../../../crypto/identity/signing-key.ts';
import { bytesToFloat32 } from '../../../../models/detection/model-hash.ts';
import { FederatedModel } from '../../../../models/federated/federated-model.ts';
import { Connection } from '../../../../participant/api/connection.ts';
import { HttpClient } from '../../../../participant/api/http-client.ts';
import { Inbox } from '../../../../participant/api/inbox.ts';
import { loadParticipantConfig } from '../../../../participant/config.ts';
import { EpochBook } from '../../../../participant/federation/epoch-book.ts';
import { prepareTelemetry } from '../../../../participant/telemetry/prepare.ts';
import { quantisedRoundInTurns } from '../../../../participant/train/local-update.ts';
import { check } from '../../../../protocol/codec/codec.ts';
import { CODEC_LIMITS } from '../../../../protocol/codec/limits.ts';
import { TrainTask } from '../../../../protocol/task.ts';
import { plainPaths } from './paths.ts';

steadyHeap();
const [configPath = '', address = '', state = ''] = process.argv.slice(2);
const config = await loadParticipantConfig(configPath);
const seed = config.seed ?? 0;
const logger = benchLogger(config.member);
const elapsed = () => performance.now();
await mkdir(state, { recursive: true });
const { telemetry } = config;
const files = { ...telemetry, events: telemetry.events ?? '', state };
const { site, summary } = await prepareTelemetry(files, { seed }, elapsed, Date.now());
process.stdout.write(`${JSON.stringify(summary)}\n`);

const key = await SigningKey.load(config.key);
const epochs = await EpochBook.open(null, nodePrimitives, await readChain(config.roster));
const inbox = new Inbox(config.member);
void asked().then(() => inbox.close());
const connection = await Connection.open(
  address,
  { role: 'member', id: config.member, sign: key.sign },
  { epochs, primitives: nodePrimitives, random: systemRandom },
  {
    onMessage: (message) => {
      if (message.type === 'state') inbox.put(message);
    },
    onClose: () => inbox.close(),
  },
);
const http = new HttpClient(address, () => connection.token);
connection.send({ type: 'ask-state' });

let task: TrainTask | null = null;
let trained = 0;
for (;;) {
  const now = await inbox.next(2000);
  if (now === 'closed') break;
  if (now?.phase === 'idle') task = null;
  if (now?.phase !== 'collecting' || now.round === null || now.round === trained) continue;
  try {
    await contribute(now.round);
    trained = now.round;
  } catch (error) {
    logger.warn({ error: String(error) }, 'trying again');
    await sleep(200);
    inbox.again(now);
  }
}
connection.close();

/** Model down, training, update up: one round. */
async function contribute(round: number): Promise<void> {
  task ??= await taskInProgress();
  const federated = new FederatedModel(task, 1);
  const bytes = 4 * federated.shape.length;
  const weights = bytesToFloat32(await http.request('GET', plainPaths.model(round), bytes));
  const start = { federated, state: [weights], own: null } as const;
  const { values } = await quantisedRoundInTurns(start, site, task, round, seed, elapsed);
  const update = new Uint8Array(Uint16Array.from(values.read(0, values.length)).buffer);
  values.erase();
  const content = { type: 'application/octet-stream', bytes: update };
  await http.request('PATCH', plainPaths.update(round), CODEC_LIMITS.maxBytes, content);
}

async function taskInProgress(): Promise<TrainTask> {
  const body = await http.request('GET', plainPaths.task(), CODEC_LIMITS.maxBytes);
  return check(TrainTask, JSON.parse(new TextDecoder().decode(body)), 'task');
}
