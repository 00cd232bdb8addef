import { nodePrimitives, systemRandom } from '../../crypto/identity/node-primitives.ts';
import { SigningKey } from '../../crypto/identity/signing-key.ts';
import { describeRoster } from '../../crypto/public/tolerance.ts';
import { loadCoordinatorConfig } from '../../coordinator/config.ts';
import { startCoordinator } from '../../coordinator/coordinator.ts';
import { armFailpoints } from '../../protocol/failpoints.ts';
import { createLogger } from '../logger.ts';
import { print } from '../output.ts';
import { loadChain } from '../roster-file.ts';
import { steadyHeap } from '../../crypto/identity/steady-heap.ts';
import { type ServiceArguments, onStopSignal } from '../stop-signal.ts';

export async function coordinatorServe(path: string, options: ServiceArguments): Promise<void> {
  steadyHeap();
  const logger = createLogger('coordinator');
  const config = await loadCoordinatorConfig(path);
  const key = await SigningKey.load(config.key);
  const chain = await loadChain(config.roster);
  const coordinator = await startCoordinator(
    {
      ...config.listen,
      stateDirectory: config.state,
      chain,
      operators: config.operators,
    },
    {
      primitives: nodePrimitives,
      random: systemRandom,
      sign: key.sign,
      publicKey: key.publicKey,
      now: () => Date.now(),
      elapsed: () => performance.now(),
      failpoint: armFailpoints('coordinator', process.env['CORDON_FAILPOINTS'], () =>
        process.kill(process.pid, 'SIGKILL'),
      ),
      logger,
    },
  );
  const { address } = coordinator;
  print(
    options.json === true,
    { address, pid: process.pid },
    () => `coordinator listens on ${address}\n${describeRoster(chain.last)}`,
  );
  await onStopSignal(options);
  await coordinator.stop();
}
