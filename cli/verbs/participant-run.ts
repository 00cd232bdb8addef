import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { nodePrimitives, systemRandom } from '../../crypto/identity/node-primitives.ts';
import { toHex } from '../../crypto/public/encoding.ts';
import { SigningKey } from '../../crypto/identity/signing-key.ts';
import { EncryptionThreads } from '../../crypto/secret/threads/encryption-threads.ts';
import { runParticipant } from '../../participant/agent.ts';
import { loadParticipantConfig } from '../../participant/config.ts';
import { armFailpoints } from '../../protocol/failpoints.ts';
import { createLogger } from '../logger.ts';
import { escaped, print } from '../output.ts';
import { loadChain } from '../roster-file.ts';
import { steadyHeap } from '../../crypto/identity/steady-heap.ts';
import { type ServiceArguments, onStopSignal } from '../stop-signal.ts';

export interface ParticipantArguments extends ServiceArguments {
  readonly watch?: string;
}

export async function participantRun(path: string, options: ParticipantArguments): Promise<void> {
  steadyHeap();
  const loaded = await loadParticipantConfig(path);
  const config =
    options.watch === undefined
      ? loaded
      : { ...loaded, telemetry: { ...loaded.telemetry, watch: resolve(options.watch) } };
  const logger = createLogger(config.member);
  const chain = await loadChain(config.roster);
  const key = await SigningKey.load(config.key);
  if (config.recordVectors) logger.warn('recordVectors writes every update in clear to the state folder');
  if (process.env['CORDON_FAILPOINTS'])
    logger.warn('CORDON_FAILPOINTS is set: this process may damage its own data');
  const stop = new AbortController();
  void onStopSignal(options).then(() => stop.abort());
  await runParticipant(
    {
      config,
      seed: config.seed ?? toHex(systemRandom(32)),
      signal: stop.signal,
      onPrepared: (summary) =>
        print(
          options.json === true,
          summary,
          () =>
            `${config.member}: ${summary.events} events, twin of ${summary.twin.hosts} hosts and ${summary.twin.accounts} accounts`,
        ),
      onConnected: () => logger.info({ coordinator: config.coordinator }, 'connected'),
    },
    {
      chain,
      member: config.member,
      primitives: nodePrimitives,
      random: systemRandom,
      sign: key.sign,
      publicKey: key.publicKey,
      ...(config.threads === undefined ? {} : { threads: threadsOf(config.threads) }),
      elapsed: () => performance.now(),
      now: () => Date.now(),
      failpoint: armFailpoints(config.member, process.env['CORDON_FAILPOINTS'], () =>
        process.kill(process.pid, 'SIGKILL'),
      ),
      logger,
      onAlerts: (lines) => process.stdout.write(escaped(lines)),
    },
  );
}

/** Never more than there are cores. */
function threadsOf(wanted: number): EncryptionThreads {
  return new EncryptionThreads(Math.min(wanted, availableParallelism()));
}
