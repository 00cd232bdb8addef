import type { FastifyInstance } from 'fastify';
import { manifestHash } from '../../crypto/public/manifest.ts';
import { decode, encode } from '../../protocol/codec/codec.ts';
import { BULK_LIMITS, type UploadStatus } from '../../protocol/messages/bulk.ts';
import { ManifestMessage } from '../../protocol/messages/manifest.ts';
import type { CoordinatorModules } from '../modules.ts';
import type { Round } from '../round.ts';
import { activeRound, bodyBytes, bodyPieces, naturalNumber, noSuch } from './requests.ts';
import { fileToSend, sendFile } from './send-file.ts';
import { sessionOf } from './server.ts';

const BINARY = 'application/octet-stream';
const MSGPACK = 'application/msgpack';

/** Log, uploads and sums: everything too large for a control message. */
export function addBulkRoutes(
  server: FastifyInstance,
  modules: CoordinatorModules,
  currentRound: () => Round | null,
): void {
  server.get<{ Querystring: { from?: string } }>('/v1/log', async (request, reply) => {
    const page = await modules.log.page(naturalNumber(request.query.from), BULK_LIMITS.logPage);
    return reply.type(BINARY).send(Buffer.from(page.buffer, page.byteOffset, page.byteLength));
  });

  server.post('/v1/uploads', async (request, reply) => {
    const session = sessionOf(request, 'member');
    const manifest = decode(ManifestMessage, bodyBytes(request.body));
    const round = activeRound(currentRound);
    const upload = manifestHash(modules.primitives, manifest);
    let receipt = round.admit(session.id, manifest);
    const offset = receipt ? manifest.blobBytes : await modules.uploads.begin(upload, manifest);
    // All bytes are there, but the log could not take the entry at the time (a full disk).
    if (!receipt && modules.uploads.isComplete(upload)) receipt = await round.accept(manifest);
    const status: UploadStatus = { upload, offset, receipt };
    return reply
      .code(receipt ? 200 : 201)
      .type(MSGPACK)
      .send(encode(status));
  });

  server.head<{ Params: { id: string } }>('/v1/uploads/:id', async (request, reply) => {
    const session = sessionOf(request, 'member');
    ownManifest(modules, request.params.id, session.id);
    return reply.header('upload-offset', String(modules.uploads.offset(request.params.id) ?? 0)).send();
  });

  server.patch<{ Params: { id: string } }>('/v1/uploads/:id', async (request, reply) => {
    const session = sessionOf(request, 'member');
    const { id } = request.params;
    const manifest = ownManifest(modules, id, session.id);
    const offset = naturalNumber(request.headers['upload-offset']);
    const whole = await modules.uploads.append(id, offset, bodyPieces(request.body));
    const receipt = whole ? await activeRound(currentRound).accept(manifest) : null;
    const status: UploadStatus = { upload: id, offset: modules.uploads.offset(id) ?? 0, receipt };
    return reply.type(MSGPACK).send(encode(status));
  });

  server.get<{ Params: { round: string } }>('/v1/rounds/:round/sum', async (request, reply) => {
    const number = naturalNumber(request.params.round);
    const sum = fileToSend(modules.rounds.sumPath(number));
    if (sum === null) throw noSuch('a published round');
    const round = currentRound();
    if (round?.round === number) round.clock.addBytesDown(sum.size);
    return sendFile(reply, sum);
  });
}

function ownManifest(modules: CoordinatorModules, id: string, member: string): ManifestMessage {
  const manifest = modules.uploads.manifest(id);
  if (manifest?.member === member) return manifest;
  throw noSuch('an upload whose manifest you sent before');
}
