import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { makeFolder } from '../crypto/identity/make-folder.ts';
import { type ProcessLock, lockFolder } from '../crypto/identity/process-lock.ts';
import type { EpochChain } from '../crypto/public/epoch-chain.ts';
import type { Roster } from '../crypto/public/roster.ts';
import { CordonError, toCordonError } from '../protocol/errors.ts';
import { checkBlob } from './aggregation/check-blob.ts';
import type { BodyLimits } from './api/bodies.ts';
import { addAuditRoutes } from './api/audit-routes.ts';
import { addBulkRoutes } from './api/bulk-routes.ts';
import { addEpochRoutes } from './api/epoch-routes.ts';
import { addKeyRoutes } from './api/key-routes.ts';
import { addReadRoutes } from './api/read-routes.ts';
import { createServer } from './api/server.ts';
import {
  type LogPosition,
  appendEpochs,
  appendGenesis,
  checkContinuation,
  positionOf,
} from './audit/epoch-entries.ts';
import { LogStore } from './audit/log-store.ts';
import { dispatch } from './dispatch.ts';
import type { CoordinatorDependencies, CoordinatorModules } from './modules.ts';
import { RunBook } from './rounds/run-book.ts';
import { Announcer } from './sessions/announcer.ts';
import { Gateway } from './sessions/gateway.ts';
import type { OperatorEntry } from './sessions/handshake.ts';
import { type Session, Sessions } from './sessions/session.ts';
import { stateMessage } from './state-message.ts';
import { ModelStore } from './store/model-store.ts';
import { RoundStore } from './store/round-store.ts';
import { UploadStore } from './store/upload-store.ts';

export interface CoordinatorOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly stateDirectory: string;
  /** The consortium's epochs; the last one is in force. */
  readonly chain: EpochChain;
  readonly operators: readonly OperatorEntry[];
  /** Times and rates for bodies of requests; the usual ones unless given. */
  readonly bodyLimits?: BodyLimits;
}

export interface RunningCoordinator {
  readonly address: string;
  /** Ends the run in progress, tells everybody, closes the files. */
  stop(): Promise<void>;
}

/**
 * Starts a coordinator: state from disk, control plane and bulk plane on one port.
 * @throws CordonError LOG_INVALID, PORT_IN_USE, CONFIG_INVALID; CryptoError STATE_IN_USE where another process has the state
 */
export async function startCoordinator(
  options: CoordinatorOptions,
  dependencies: CoordinatorDependencies,
): Promise<RunningCoordinator> {
  checkKey(options.chain.last, dependencies.publicKey);
  if (process.env['CORDON_FAILPOINTS']) {
    dependencies.logger.warn('CORDON_FAILPOINTS is set: failures are made on purpose, for tests only');
  }
  await makeFolder(options.stateDirectory);
  const lock = await lockFolder(options.stateDirectory);
  try {
    return await startLocked(lock, options, dependencies);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function startLocked(
  lock: ProcessLock,
  options: CoordinatorOptions,
  dependencies: CoordinatorDependencies,
): Promise<RunningCoordinator> {
  const { chain, stateDirectory } = options;
  const { primitives } = dependencies;
  const { log, entries } = await LogStore.open(join(stateDirectory, 'log.bin'), {
    ...dependencies,
    chain,
    onAppended: (entry, bytes) => announcer.appended(entry, bytes),
  });
  const position = positionOf(entries);
  const modules: CoordinatorModules = {
    ...dependencies,
    chain,
    roster: chain.last,
    log,
    uploads: new UploadStore(join(stateDirectory, 'uploads'), (blob) => checkBlob(primitives, blob)),
    rounds: new RoundStore(join(stateDirectory, 'rounds')),
    models: new ModelStore(join(stateDirectory, 'models')),
    sessions: new Sessions(dependencies.elapsed),
  };
  const announcer = new Announcer(modules.sessions, () => stateMessage(modules, book));
  const announce = () => announcer.changed();
  const book: RunBook = new RunBook(modules, announce);
  book.replay(entries.map(({ entry }) => entry));

  const { server, prove } = createServer(modules, options.bodyLimits);
  addBulkRoutes(server, modules, () => book.active?.current ?? null);
  addAuditRoutes(server, modules, () => book.active?.current ?? null);
  addKeyRoutes(server, modules, () => book.active?.current ?? null);
  addReadRoutes(server, modules, book);
  addEpochRoutes(server, modules);
  try {
    checkContinuation(chain, position);
    await listen(server, options);
    // Only now: a coordinator that cannot listen leaves no trace in the log, nor a file where there was none.
    await openBook(modules, book, position);
  } catch (error) {
    await server.close();
    await log.close();
    throw error;
  }
  // Tokens come from here alone: until now every request was refused.
  const gateway = new Gateway(server.server, modules, options.operators, {
    onProven: prove,
    onOpen: (session) => {
      tell(book, session, 'connected');
      announce();
    },
    onClose: (session) => {
      tell(book, session, 'disconnected');
      announce();
    },
    onMessage: (session, message) => dispatch(session, message, book, modules),
  });
  const { address, port } = server.server.address() as AddressInfo;
  return {
    address: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    stop: async () => {
      await book.stop();
      announcer.stop();
      gateway.close();
      await server.close();
      await modules.uploads.close();
      await log.close();
      await lock.release();
    },
  };
}

/** Brings the log to the present epoch. A round that was cut off ends in the epoch that it was begun in. */
async function openBook(
  { log, chain }: CoordinatorModules,
  book: RunBook,
  position: LogPosition,
): Promise<void> {
  await appendGenesis(log, chain, position);
  await book.closeCutOff();
  await appendEpochs(log, chain, position);
}

async function listen(server: FastifyInstance, options: CoordinatorOptions): Promise<void> {
  await server.listen({ host: options.host, port: options.port }).catch((error: unknown) => {
    throw listenError(error, options);
  });
}

function tell(book: RunBook, { role, id }: Session, type: 'connected' | 'disconnected'): void {
  if (role === 'member') void book.active?.current?.driver.handle({ type, member: id });
}

function checkKey(roster: Roster, publicKey: string): void {
  if (roster.coordinatorKey === publicKey) return;
  throw new CordonError('CONFIG_INVALID', {
    expected: `the key ${roster.coordinatorKey} that the roster names for the coordinator`,
    got: publicKey,
    next: 'use the key file that belongs to this roster',
  });
}

function listenError(error: unknown, { host, port }: CoordinatorOptions): CordonError {
  const cause = toCordonError(error);
  if (cause.code === 'PORT_IN_USE') {
    return new CordonError('PORT_IN_USE', {
      expected: `${host}:${port} to be free`,
      got: 'another process listens there',
      next: 'stop it, or choose another port in the configuration (0 takes any)',
    });
  }
  return new CordonError('CONFIG_INVALID', {
    expected: `an address of this machine that this user may listen on, at ${host}:${port}`,
    got: error instanceof Error ? error.message : 'an error',
    next: 'correct listen.host or listen.port; ports below 1024 need special rights',
  });
}
