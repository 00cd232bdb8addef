import { readIfThere, writeDurably } from '../../crypto/identity/durable-file.ts';
import { EpochChain } from '../../crypto/public/epoch-chain.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { type Roster, rosterHash } from '../../crypto/public/roster.ts';
import { check } from '../../protocol/codec/codec.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { RosterFile, type SignedEpochMessage } from '../../protocol/messages/epoch.ts';

/** Name of the file of epochs in a participant's state folder. */
export const EPOCHS_FILE = 'epochs.json';

/** Where later epochs come from; not trusted. */
export interface EpochSource {
  /** The signed epoch of that number, or null beyond the end. */
  epoch(number: number): Promise<SignedEpochMessage | null>;
}

/**
 * The epochs that this site trusts: those of its roster file, and what the members of each signed after that. What was
 * learned stands on disk before it is used, so that no restart goes back to an earlier epoch.
 */
export class EpochBook {
  private readonly path: string | null;
  private readonly primitives: PublicPrimitives;
  private known: EpochChain;
  private isStored = false;

  private constructor(path: string | null, primitives: PublicPrimitives, known: EpochChain) {
    this.path = path;
    this.primitives = primitives;
    this.known = known;
  }

  /**
   * @param path file of what was learned; null keeps it in memory only (an operator has no state folder)
   * @param given the epochs of the roster file, the site's own word
   * @throws CryptoError EPOCH_INVALID where the file and what was learned are not one chain
   */
  static async open(
    path: string | null,
    primitives: PublicPrimitives,
    given: EpochChain,
  ): Promise<EpochBook> {
    const text = path === null ? null : await readIfThere(path);
    const stored = text === null ? null : parse(String(path), text, primitives);
    const book = new EpochBook(path, primitives, stored === null ? given : stored.merge(given));
    book.isStored = book.known === stored;
    return book;
  }

  get chain(): EpochChain {
    return this.known;
  }

  /** In force, as far as this site knows. */
  get last(): Roster {
    return this.known.last;
  }

  /**
   * Puts on disk what only the roster file told, so that an older file does not lead back. For when the file has proven to
   * be the right one: another consortium's would stand in the way of the right one for ever.
   */
  async keep(): Promise<void> {
    if (!this.isStored) await this.store(this.known);
  }

  /**
   * Asks for epochs beyond the last known one; each is verified against the one before it. What was verified is kept, also
   * where a later one does not follow or the link breaks: nobody can take it back by that.
   * @throws CryptoError EPOCH_INVALID for one that does not follow, and for another roster in the place of the last known
   */
  async update(source: EpochSource): Promise<void> {
    const { last } = this.known;
    const same = await source.epoch(last.epoch);
    if (same && rosterHash(this.primitives, same.roster) !== this.known.hash(last.epoch)) {
      throw forked(last.epoch);
    }
    let chain = this.known;
    try {
      for (;;) {
        const next = await source.epoch(chain.last.epoch + 1);
        if (!next) break;
        chain = chain.extend([next]);
      }
    } finally {
      if (chain !== this.known) await this.store(chain);
    }
  }

  private async store(chain: EpochChain): Promise<void> {
    if (this.path !== null) await writeDurably(this.path, JSON.stringify({ epochs: chain.epochs }));
    this.known = chain;
    this.isStored = true;
  }
}

/** A member of that epoch, under the key that it has. @throws CordonError ROSTER_INVALID */
export function checkMembership(roster: Roster, member: string, publicKey: string): void {
  const key = roster.members.find(({ id }) => id === member)?.signKey;
  if (key === publicKey) return;
  throw new CordonError('ROSTER_INVALID', {
    expected: `${member} with its key among the members of ${roster.consortium}, epoch ${roster.epoch}`,
    got: key === undefined ? 'an epoch without it' : 'another key of that name',
    next: 'the members signed that epoch: ask them, and run with the key that the roster names',
  });
}

function parse(path: string, text: string, primitives: PublicPrimitives): EpochChain {
  try {
    return EpochChain.verify(
      primitives,
      check(RosterFile, JSON.parse(text), 'stored chain of epochs').epochs,
    );
  } catch (cause) {
    const detail = {
      expected: `the epochs in ${path}, as this member wrote them`,
      got: toCordonError(cause).got,
      next: 'restore the file from a backup; without it this member could be led back to an earlier epoch',
    };
    throw new CordonError('EPOCH_INVALID', detail, { cause });
  }
}

function forked(epoch: number): CordonError {
  return new CordonError('EPOCH_INVALID', {
    expected: `the roster that this member knows as epoch ${epoch}`,
    got: 'another one under the same number',
    next: 'take no part: the chain forks; compare the roster file with those of the other members',
  });
}
