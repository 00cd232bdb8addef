import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { CoordinatorModules } from '../modules.ts';
import type { RunBook } from '../rounds/run-book.ts';
import { decode } from '../../protocol/codec/codec.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { RunDetail, RunList } from '../../protocol/messages/runs.ts';
import { Task } from '../../protocol/task.ts';
import { fileToSend, sendFile } from './send-file.ts';
import { sessionOf } from './server.ts';

/** What operators see and do. Members may read too; only operators start and cancel. */
export function addReadRoutes(server: FastifyInstance, modules: CoordinatorModules, book: RunBook): void {
  server.get('/v1/runs', (): Static<typeof RunList> => ({ runs: book.list() }));

  server.get<{ Params: { id: string } }>('/v1/runs/:id', async (request): Promise<RunDetail> => {
    const run = book.find(request.params.id);
    return { ...run, reports: await modules.rounds.reports(run) };
  });

  server.post('/v1/runs', async (request, reply) => {
    sessionOf(request, 'operator');
    const task = decode(Task, request.body instanceof Uint8Array ? request.body : new Uint8Array(0));
    return reply.code(201).send(await book.start(task));
  });

  server.delete<{ Params: { id: string } }>('/v1/runs/:id', (request) => {
    sessionOf(request, 'operator');
    return book.cancel(request.params.id);
  });

  server.get<{ Params: { hash: string } }>('/v1/models/:hash', async (request, reply) => {
    const { hash } = request.params;
    const model = /^[0-9a-f]{64}$/.test(hash) ? fileToSend(modules.models.path(hash)) : null;
    if (model) return sendFile(reply, model);
    throw new CordonError('NOT_FOUND', {
      expected: 'the hash of a model of this coordinator',
      got: hash.slice(0, 64),
      next: 'see the hashes with cordon round show RUN',
    });
  });
}
