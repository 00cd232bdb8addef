import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createFile } from '../../crypto/identity/durable-file.ts';
import { namesIn } from '../../crypto/identity/small-read.ts';
import { toHex } from '../../crypto/public/encoding.ts';
import type { LayoutName } from '../../crypto/public/params.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { SumTree } from '../../crypto/public/sum-tree.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { LogBody } from '../../protocol/messages/log-entry.ts';
import type { BulkClient } from '../api/bulk-client.ts';

/**
 * Opened sums on disk, each until the model has been updated from it. A sum goes to its file as it comes and is never
 * held whole. Having one says nothing about whether it counts: that is the audit's part.
 */
export class SumStore {
  private readonly directory: string;
  private readonly bulk: BulkClient;
  private readonly primitives: PublicPrimitives;
  /** Sums that this process has fetched and checked, by what the log says of them. */
  private readonly checked = new Map<string, string>();

  constructor(directory: string, bulk: BulkClient, primitives: PublicPrimitives) {
    this.directory = directory;
    this.bulk = bulk;
    this.primitives = primitives;
  }

  /**
   * The file of an opened sum, fetched unless it is there.
   * @returns its path; the bytes have the length, hash and root that the log names
   * @throws CordonError DIGEST_MISMATCH, and what the bulk plane throws
   */
  async fetch(opened: LogBody<'opened'>, layout: LayoutName): Promise<string> {
    const { round, sumBytes, sumHash, sumRoot } = opened;
    const key = `${round} ${sumHash} ${sumRoot}`;
    const known = this.checked.get(key);
    if (known !== undefined) return known;
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const [hash, tree] = [createHash('sha256'), new SumTree(this.primitives, layout)];
    const file = await createFile(this.directory);
    try {
      for await (const piece of this.bulk.sum(round, sumBytes)) {
        hash.update(piece);
        tree.update(piece);
        await file.write(piece);
      }
      requireDigest(`SHA-256 ${sumHash}`, `SHA-256 ${hash.digest('hex')}`, round);
      requireDigest(`root ${sumRoot}`, `root ${toHex(tree.root())}`, round);
      const path = this.path(round);
      // What has stood under this name is not there any more.
      this.forget((one) => one === round);
      // What a power cut takes is fetched again.
      await file.seal(path, false);
      this.checked.set(key, path);
      return path;
    } finally {
      await file.discard();
    }
  }

  /**
   * Whether a fetched sum still is on disk as it was published; else it is forgotten, to be fetched again.
   * @throws CordonError DIGEST_MISMATCH
   */
  async verify({ round, sumHash }: LogBody<'opened'>): Promise<void> {
    const hash = createHash('sha256');
    for await (const piece of createReadStream(this.path(round))) hash.update(piece as Uint8Array);
    const digest = hash.digest('hex');
    if (digest !== sumHash) this.forget((one) => one === round);
    requireDigest(`SHA-256 ${sumHash}`, `SHA-256 ${digest}`, round);
  }

  /** Removes the sums of all rounds up to this one, and what an earlier process has left half-written. */
  clear(upTo: number): void {
    this.forget((round) => round <= upTo);
    for (const name of namesIn(this.directory)) {
      const round = Number(/^(\d+)\.sum$/.exec(name)?.[1] ?? 0);
      if (round <= upTo) unlinkSync(join(this.directory, name));
    }
  }

  private path(round: number): string {
    return join(this.directory, `${round}.sum`);
  }

  private forget(which: (round: number) => boolean): void {
    for (const key of this.checked.keys()) if (which(Number(key.split(' ')[0]))) this.checked.delete(key);
  }
}

function requireDigest(expected: string, got: string, round: number): void {
  if (got === expected) return;
  throw new CordonError('DIGEST_MISMATCH', {
    expected: `the sum of round ${round} with ${expected}`,
    got,
    next: 'ask again; if it stays so, the coordinator publishes two sums: tell the consortium',
  });
}
