import type { FastifyInstance } from 'fastify';
import { encode } from '../../protocol/codec/codec.ts';
import { CordonError } from '../../protocol/errors.ts';
import { EPOCH_LIMITS } from '../../protocol/messages/epoch.ts';
import type { CoordinatorModules } from '../modules.ts';

/** The consortium's epochs, one an answer, for members that do not know the later ones yet. */
export function addEpochRoutes(server: FastifyInstance, { chain }: CoordinatorModules): void {
  server.get<{ Params: { epoch: string } }>('/v1/epochs/:epoch', async (request, reply) => {
    const { epoch } = request.params;
    const found = /^\d{1,10}$/.test(epoch) ? chain.epochs[Number(epoch)] : undefined;
    if (found) return reply.type('application/msgpack').send(encode(found, EPOCH_LIMITS));
    throw new CordonError('NOT_FOUND', {
      expected: `an epoch from 0 to ${chain.last.epoch}`,
      got: epoch.slice(0, 20),
      next: 'the epochs before it are all there are',
    });
  });
}
