import Type, { type Static } from 'typebox';
import { readIfThere, writeDurably } from '../../crypto/identity/durable-file.ts';
import { LogVerifier } from '../../crypto/public/log-verifier.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { check } from '../../protocol/codec/codec.ts';
import { CordonError } from '../../protocol/errors.ts';
import { closed, Hash } from '../../protocol/messages/fields.ts';
import type { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { BulkClient } from '../api/bulk-client.ts';
import type { EpochBook } from './epoch-book.ts';
import { RecentText } from './recent-text.ts';

const StoredHead = Type.Object({ size: Type.Integer({ minimum: 0 }), hash: Hash }, closed);
type StoredHead = Static<typeof StoredHead>;

/**
 * Follows the coordinator's log, entry by entry, and keeps the last head on disk: a log that was cut back, forked or
 * rewritten is noticed, also after a restart.
 */
export class LogFollower {
  private readonly verifier: LogVerifier;
  private readonly epochs: EpochBook;
  private readonly path: string;
  private readonly recent: RecentText;
  private readonly stored: StoredHead | null;
  /** Accepted but not handed out yet: the link may break between two pages, and no entry may be lost by that. */
  private pending: SignedLogEntryMessage[] = [];
  /** Entries under the head that was last synced. */
  private settled = 0;

  private constructor(
    verifier: LogVerifier,
    epochs: EpochBook,
    path: string,
    recent: RecentText,
    stored: StoredHead | null,
  ) {
    this.verifier = verifier;
    this.epochs = epochs;
    this.path = path;
    this.recent = recent;
    this.stored = stored;
  }

  static async open(path: string, primitives: PublicPrimitives, epochs: EpochBook): Promise<LogFollower> {
    const text = await readIfThere(path);
    const settled = text === null ? null : parseHead(path, text);
    const beside = new RecentText(path.replace(/(\.json)?$/, '.recent.json'));
    const recent = await recentHead(beside);
    const stored = recent && recent.size > (settled?.size ?? 0) ? recent : settled;
    return new LogFollower(new LogVerifier(primitives, epochs.chain), epochs, path, beside, stored);
  }

  /**
   * All entries that are new since the last call, verified, in order.
   * Size and pushed entries come in a message that nobody signed: only what the log itself serves condemns it.
   * @param size what the coordinator says its log holds; for less than was seen before the log is asked, and refused where
   *   it is cut back indeed
   * @param pushed entries that came unasked, in any number, of each index the first; those that continue the log are taken
   *   in the place of a page, the others are passed over. Where they do not verify the log is asked in their place
   * @throws CryptoError LOG_INVALID, EPOCH_INVALID, SIGNATURE_INVALID; CordonError LOG_INVALID
   */
  async catchUp(
    bulk: BulkClient,
    size: number,
    pushed: readonly SignedLogEntryMessage[] = [],
  ): Promise<SignedLogEntryMessage[]> {
    const seen = this.seen;
    if (size < seen.size) await checkServed(seen, bulk);
    const target = Math.max(size, seen.size);
    const places = firstOfEach(pushed);
    while (this.verifier.head.size < target) {
      const start = this.verifier.head.size;
      const told = pageFrom(start, places);
      const page = told ?? (await bulk.log(start));
      if (page.length === 0) throw this.tooShort(target);
      try {
        // Not beyond `target`: the next state message would then look like a log that was cut back.
        await this.accept(page.slice(0, target - start), bulk);
      } catch (error) {
        if (told === null) throw error;
        places.clear();
      }
    }
    const head = this.pending.length > 0 ? this.headToKeep() : null;
    if (head !== null) this.recent.write(head);
    const entries = this.pending;
    this.pending = [];
    return entries;
  }

  /** The furthest head that this member knows, of this process or from disk. */
  private get seen(): StoredHead {
    const { head } = this.verifier;
    return this.stored && this.stored.size > head.size ? this.stored : head;
  }

  private async accept(entries: readonly SignedLogEntryMessage[], bulk: BulkClient): Promise<void> {
    const last = entries.findLast(({ entry }) => entry.kind === 'epoch')?.entry;
    // An epoch that is not known here: nothing of the entry is believed, it only says when to ask.
    if (last?.kind === 'epoch' && !this.epochs.chain.includes(last.body.rosterHash)) {
      await this.epochs.update(bulk);
    }
    this.verifier.learn(this.epochs.chain);
    const seen = this.stored && entries[this.stored.size - 1 - this.verifier.head.size];
    if (seen && seen.hash !== this.stored.hash) throw forked(this.stored.size);
    this.verifier.acceptAll(entries);
    this.pending.push(...entries);
  }

  /** Nothing is handed out before the log has reached the head that was seen: a shorter history would go unnoticed. */
  private tooShort(size: number): CordonError {
    const { size: reached } = this.verifier.head;
    if (this.stored && reached < this.stored.size) return rolledBack(this.stored.size);
    return new CordonError('COORDINATOR_UNREACHABLE', {
      expected: `a log of ${size} entries, as the coordinator says`,
      got: `${reached}`,
      next: 'the participant asks again by itself',
    });
  }

  /**
   * The head on disk for good, before this site gives something away on the ground of this log: after that not even a
   * power cut lets another history pass. In between it is kept beside, where it outlives the process and no more.
   */
  async settle(): Promise<void> {
    const { size } = this.verifier.head;
    if (this.settled === size) return;
    const head = this.headToKeep();
    if (head !== null) await writeDurably(this.path, head);
    this.settled = size;
  }

  /** Null while the log has not been read to where it was read to before. */
  private headToKeep(): string | null {
    const { size, hash } = this.verifier.head;
    return this.stored && size < this.stored.size ? null : JSON.stringify({ size, hash });
  }
}

/** Of two entries for one place the first: what comes later puts nothing else in its stead. */
function firstOfEach(pushed: readonly SignedLogEntryMessage[]): Map<number, SignedLogEntryMessage> {
  const places = new Map<number, SignedLogEntryMessage>();
  for (const signed of pushed) {
    if (!places.has(signed.entry.index)) places.set(signed.entry.index, signed);
  }
  return places;
}

/** Whether the log itself still has the last entry that this member knows. @throws CordonError LOG_INVALID */
async function checkServed({ size, hash }: StoredHead, bulk: BulkClient): Promise<void> {
  const [last] = await bulk.log(size - 1);
  if (!last) throw rolledBack(size);
  if (last.entry.index !== size - 1 || last.hash !== hash) throw forked(size);
}

/** The run of entries that begins in this place of the log, or null where there is none. */
function pageFrom(
  start: number,
  places: ReadonlyMap<number, SignedLogEntryMessage>,
): SignedLogEntryMessage[] | null {
  const page: SignedLogEntryMessage[] = [];
  for (let next = places.get(start); next; next = places.get(start + page.length)) page.push(next);
  return page.length > 0 ? page : null;
}

/** What was not synced may be gone after a power cut, or half there; then the head that was synced counts. */
async function recentHead(beside: RecentText): Promise<StoredHead | null> {
  const text = await beside.read();
  try {
    return text === null ? null : check(StoredHead, JSON.parse(text), 'recent log head');
  } catch {
    return null;
  }
}

function parseHead(path: string, text: string): StoredHead {
  try {
    return check(StoredHead, JSON.parse(text), 'stored log head');
  } catch (cause) {
    const detail = {
      expected: `the head of the log in ${path}, as this member wrote it`,
      got: 'something else',
      next: 'restore the file from a backup; without it a log that was cut back would go unnoticed',
    };
    throw new CordonError('LOG_INVALID', detail, { cause });
  }
}

function rolledBack(seen: number): CordonError {
  return new CordonError('LOG_INVALID', {
    expected: `a log of at least ${seen} entries, which this member has seen`,
    got: 'a shorter one',
    next: 'the coordinator lost or cut back its log: take no part until the consortium knows why',
  });
}

function forked(size: number): CordonError {
  return new CordonError('LOG_INVALID', {
    expected: `the log that this member saw up to entry ${size}`,
    got: 'another history',
    next: 'the coordinator rewrote its log: take no part until the consortium knows why',
  });
}
