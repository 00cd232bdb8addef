import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import Type from 'typebox';
import { writeDurably } from '../../crypto/identity/durable-file.ts';
import { makeFolder } from '../../crypto/identity/make-folder.ts';
import { namesIn } from '../../crypto/identity/small-read.ts';
import { fromBase64Url, toBase64Url } from '../../crypto/public/encoding.ts';
import { CryptoError } from '../../crypto/public/errors.ts';
import { TASK_KEY_BYTES } from '../../crypto/public/task-key.ts';
import { SealSecret, TaskKey, makeKeyPart } from '../../crypto/secret/task-key.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { Base64Url, closed, Hash } from '../../protocol/messages/fields.ts';
import type { ClientMessage } from '../../protocol/messages/control.ts';
import type { KeyPartMessage } from '../../protocol/messages/task-key.ts';
import type { SketchRun } from '../federation/sketch-run.ts';
import type { ParticipantModules } from '../modules.ts';
import { isDamaged, readStored } from './stored-file.ts';

const KeyFile = Type.Object(
  {
    version: Type.Literal(1),
    epoch: Type.Integer({ minimum: 0 }),
    hash: Hash,
    key: Base64Url(TASK_KEY_BYTES, 'a task key'),
  },
  closed,
);

const STORED_KEY = {
  what: 'a task key',
  next: 'restore the file; if it is removed, nothing is looked up under that key here, and this site sits the rest of its run out',
};

type KeyModules = Pick<ParticipantModules, 'member' | 'primitives' | 'random' | 'sign' | 'logger'>;

/** What is in memory of a run whose key is being made. */
interface Making {
  readonly secret: SealSecret;
  part: KeyPartMessage | null;
  /** Connections on which key and part were last sent. */
  keySaid: string;
  partSaid: string;
}

/**
 * This member's task keys: the making of one, driven by the log, and the files of those that are made, mode 600, until their
 * epoch is over. While a key is made its secrets are in memory alone: a member that restarts then sits the run out.
 */
export class TaskKeys {
  private readonly directory: string;
  private readonly modules: KeyModules;
  private readonly making = new Map<string, Making>();
  private readonly made = new Map<string, TaskKey>();
  private readonly failed = new Map<string, CordonError>();

  constructor(directory: string, modules: KeyModules) {
    this.directory = directory;
    this.modules = modules;
  }

  /**
   * What is this member's turn while the key of a run is made; said once a connection.
   * @param token of the present connection
   */
  takePart(run: SketchRun, token: string, send: (message: ClientMessage) => void): void {
    const { member } = this.modules;
    const { keying } = run;
    const { recipients, place } = keying;
    if (recipients === null) {
      if (keying.has(member)) return;
      const making = this.making.get(run.run) ?? this.begin(run);
      if (making.keySaid === token) return;
      making.keySaid = token;
      send({ type: 'seal-key', sealKey: making.secret.public });
      return;
    }
    const making = this.making.get(run.run);
    const isOwn = keying.keys.some((key) => key.keys === making?.secret.public.keys);
    if (!making || !isOwn || keying.complete || making.partSaid === token) return;
    if (keying.parts.some((part) => part.member === member)) return;
    making.part ??= makeKeyPart(this.modules, place, member, recipients) as KeyPartMessage;
    making.partSaid = token;
    send({ type: 'key-part', part: making.part });
  }

  /** The key is made: opened, compared with what the log says, and on disk before it is used. */
  async settle(run: SketchRun): Promise<void> {
    const { keyHash, place, parts } = run.keying;
    if (keyHash === null || this.made.has(keyHash) || this.failed.has(run.run)) return;
    const making = this.making.get(run.run);
    this.making.delete(run.run);
    try {
      const key = making ? making.secret.open(place, parts) : await storedTaskKey(this.directory, keyHash);
      if (key?.hash !== keyHash) throw missing(run.run);
      if (making) await this.write(key, run.epoch);
      this.made.set(keyHash, key);
    } catch (error) {
      if (!(error instanceof CryptoError || error instanceof CordonError)) throw error;
      const reason = toCordonError(error);
      this.failed.set(run.run, reason);
      this.modules.logger.warn({ run: run.run, ...reason.toWire() }, 'no key for this run');
    } finally {
      making?.secret.erase();
    }
  }

  /** @throws CordonError TASK_KEY_INVALID where this member has no key for the run */
  keyOf(run: SketchRun): TaskKey {
    const key = this.made.get(run.keying.keyHash ?? '');
    if (key) return key;
    throw this.failed.get(run.run) ?? missing(run.run);
  }

  /** A key that was made or read before, or null. */
  known(keyHash: string): TaskKey | null {
    return this.made.get(keyHash) ?? null;
  }

  /** A key by its public name, also of runs that are over; null where there is none. */
  async find(keyHash: string): Promise<TaskKey | null> {
    const key = this.made.get(keyHash) ?? (await storedTaskKey(this.directory, keyHash));
    if (key) this.made.set(keyHash, key);
    return key;
  }

  /** Erases the keys of earlier epochs, here and on disk, and files that are damaged: no key can be had from them. */
  async dropBefore(epoch: number): Promise<void> {
    for (const making of this.making.values()) making.secret.erase();
    this.making.clear();
    for (const name of namesIn(this.directory)) {
      const hash = /^([0-9a-f]{64})\.key\.json$/.exec(name)?.[1];
      if (hash === undefined) continue;
      const file = await this.parse(hash).catch((error: unknown) => {
        if (isDamaged(error)) return null;
        throw error;
      });
      if (file && file.epoch >= epoch) continue;
      unlinkSync(this.path(hash));
      this.made.get(hash)?.erase();
      this.made.delete(hash);
    }
  }

  private begin(run: SketchRun): Making {
    const { consortium, epoch } = run.keying.place;
    const seat = { consortium, epoch, run: run.run, member: this.modules.member };
    const making = { secret: new SealSecret(this.modules, seat), part: null, keySaid: '', partSaid: '' };
    this.making.set(run.run, making);
    return making;
  }

  private parse(keyHash: string) {
    return parseKey(this.path(keyHash));
  }

  private async write(key: TaskKey, epoch: number): Promise<void> {
    await makeFolder(this.directory);
    const bytes = key.reveal();
    const file = { version: 1, epoch, hash: key.hash, key: toBase64Url(bytes) };
    bytes.fill(0);
    await writeDurably(this.path(key.hash), JSON.stringify(file));
  }

  private path(keyHash: string): string {
    return pathOf(this.directory, keyHash);
  }
}

/** A key that stands in a folder, by its public name; null where there is none. @throws CordonError ENCODING_INVALID */
export async function storedTaskKey(directory: string, keyHash: string): Promise<TaskKey | null> {
  const file = await parseKey(pathOf(directory, keyHash));
  if (file?.hash !== keyHash) return null;
  const bytes = fromBase64Url(file.key, TASK_KEY_BYTES);
  const key = new TaskKey(keyHash, bytes);
  bytes.fill(0);
  return key;
}

function parseKey(path: string) {
  return readStored(KeyFile, path, STORED_KEY);
}

function pathOf(directory: string, keyHash: string): string {
  return join(directory, `${keyHash}.key.json`);
}

function missing(run: string): CordonError {
  return new CordonError('TASK_KEY_INVALID', {
    expected: `the key of ${run}, which was made when the run began`,
    got: 'none: this member was not there, or has been started again meanwhile',
    next: 'this member takes part again from the next run of the task on',
  });
}
