import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { auditBytes } from '../../crypto/public/audit-sum.ts';
import { encode } from '../../protocol/codec/codec.ts';
import type { AuditWanted } from '../../protocol/messages/bulk.ts';
import { auditStream } from '../aggregation/audit-stream.ts';
import type { CoordinatorModules } from '../modules.ts';
import type { Round } from '../round.ts';
import { requireRound } from '../rounds/refusals.ts';
import { KeptRanges } from '../store/kept-ranges.ts';
import { activeRound, naturalNumber } from './requests.ts';
import { sessionOf } from './server.ts';

const BINARY = 'application/octet-stream';
const MSGPACK = 'application/msgpack';

/** What is wanted of an auditor, and the chunks of all uploads that it needs for it. */
export function addAuditRoutes(
  server: FastifyInstance,
  modules: CoordinatorModules,
  currentRound: () => Round | null,
): void {
  const ranges = new KeptRanges();
  server.get<{ Params: { round: string } }>('/v1/rounds/:round/audit', async (request, reply) => {
    const { id } = sessionOf(request, 'member');
    const round = activeRound(currentRound);
    requireRound(round.round, naturalNumber(request.params.round));
    const wanted: AuditWanted = { ranges: [...(round.wanted().get(id) ?? [])] };
    return reply.type(MSGPACK).send(encode(wanted));
  });

  server.get<{ Params: { round: string; from: string; to: string } }>(
    '/v1/rounds/:round/audit/:from/:to',
    async (request, reply) => {
      const { id } = sessionOf(request, 'member');
      const { params } = request;
      const round = activeRound(currentRound);
      requireRound(round.round, naturalNumber(params.round));
      const range = { from: naturalNumber(params.from), to: naturalNumber(params.to) };
      const { contributors } = round.toAudit(id, range);
      const blobs = contributors.map(({ manifest }) => ({
        manifest,
        path: modules.uploads.path(manifest),
        treePath: modules.uploads.treePath(manifest),
      }));
      const chunks = blobs[0]?.manifest.chunks ?? 0;
      const size = auditBytes(range, blobs.length, chunks);
      round.clock.addBytesDown(size);
      const stream = Readable.from(auditStream(range, blobs, chunks, ranges), { objectMode: false });
      return reply.type(BINARY).header('content-length', size).send(stream);
    },
  );
}
