import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { shareRange } from '../../crypto/public/manifest.ts';
import { collect } from '../../protocol/codec/collect.ts';
import { CordonError } from '../../protocol/errors.ts';
import { longestAdvertisement, splitAdvertisement } from '../../protocol/messages/advertisement.ts';
import type { CoordinatorModules } from '../modules.ts';
import type { Round } from '../round.ts';
import { SealedShares } from '../store/sealed-shares.ts';
import { activeRound, bodyPieces, naturalNumber, noSuch } from './requests.ts';
import { sessionOf } from './server.ts';

const BINARY = 'application/octet-stream';

/** Keys of the committee and the shares that are sealed to them. */
export function addKeyRoutes(
  server: FastifyInstance,
  modules: CoordinatorModules,
  currentRound: () => Round | null,
): void {
  const sealed = new SealedShares();
  server.post('/v1/advertisements', async (request, reply) => {
    const session = sessionOf(request, 'member');
    const limit = longestAdvertisement(modules.roster.members.length);
    const body = await collect(bodyPieces(request.body), limit, 'send one pair of keys for every member');
    const { key, keys } = splitAdvertisement(body);
    await activeRound(currentRound).advertise(session.id, key, keys);
    return reply.code(204).send();
  });

  server.get<{ Params: { round: string } }>('/v1/rounds/:round/pairs', (request, reply) => {
    const session = sessionOf(request, 'member');
    const round = activeRound(currentRound);
    const pairs = round.pairsFor(session.id);
    if (round.round !== naturalNumber(request.params.round) || !pairs) throw noSuch('an announced round');
    round.clock.addBytesDown(pairs.length);
    return reply.type(BINARY).send(pairs);
  });

  server.get<{ Params: { round: string; index: string } }>(
    '/v1/rounds/:round/shares/:index',
    (request, reply) => {
      const session = sessionOf(request, 'member');
      const round = activeRound(currentRound);
      const { closed } = round;
      const index = naturalNumber(request.params.index);
      if (round.round !== naturalNumber(request.params.round) || !closed) throw noSuch('a closed round');
      if (modules.roster.committee[index - 1] !== session.id) {
        throw new CordonError('FORBIDDEN', {
          expected: 'the shares sealed to oneself',
          got: `those of committee member ${index}`,
          next: 'ask for your own',
        });
      }
      const { contributors } = closed;
      const size = contributors.reduce((sum, { manifest }) => sum + shareRange(manifest, index).bytes, 0);
      const parts = async function* () {
        for (const { manifest } of contributors) {
          yield await sealed.read({ manifest, path: modules.uploads.path(manifest) }, index);
        }
      };
      round.clock.addBytesDown(size);
      const stream = Readable.from(parts(), { objectMode: false });
      return reply.type(BINARY).header('content-length', size).send(stream);
    },
  );
}
