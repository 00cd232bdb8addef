import { nodePrimitives, systemRandom } from '../../crypto/identity/node-primitives.ts';
import { toHex } from '../../crypto/public/encoding.ts';
import { SigningKey } from '../../crypto/identity/signing-key.ts';
import { memberOf } from '../../crypto/public/roster.ts';
import { runParticipant } from '../../participant/agent.ts';
import { loadParticipantConfig } from '../../participant/config.ts';
import { CordonError } from '../../protocol/errors.ts';
import { armFailpoints } from '../../protocol/failpoints.ts';
import { createLogger } from '../logger.ts';
import { print } from '../output.ts';
import { loadRoster } from '../roster-file.ts';
import { type ServiceArguments, onStopSignal } from '../stop-signal.ts';

export async function participantRun(path: string, options: ServiceArguments): Promise<void> {
  const config = await loadParticipantConfig(path);
  const logger = createLogger(config.member);
  const roster = await loadRoster(config.roster);
  const key = await SigningKey.load(config.key);
  if (memberOf(roster, config.member).signKey !== key.publicKey) {
    throw new CordonError('CONFIG_INVALID', {
      expected: `the key that the roster names for ${config.member}`,
      got: 'another one',
      next: 'use the key file of this member, or have the new key put into the roster',
    });
  }
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
      roster,
      member: config.member,
      primitives: nodePrimitives,
      random: systemRandom,
      sign: key.sign,
      elapsed: () => performance.now(),
      failpoint: armFailpoints(config.member, process.env['CORDON_FAILPOINTS'], () =>
        process.kill(process.pid, 'SIGKILL'),
      ),
      logger,
    },
  );
}
