import type { JsonObject } from './canonical.ts';
import type { EpochChain } from './epoch-chain.ts';
import { CryptoError } from './errors.ts';
import { checkEntryHash, checkEntrySignature, EMPTY_LOG, headOf } from './log.ts';
import type { LogHead, SignedLogEntry } from './log.ts';
import type { PublicPrimitives } from './primitives.ts';
import type { Roster } from './roster.ts';
import { checkShape, oneOf } from './shape.ts';

function need(ok: boolean, expected: string, got: string): void {
  if (ok) return;
  throw new CryptoError('LOG_INVALID', {
    expected,
    got,
    next: 'trust nothing after the last good entry; keep both versions as evidence and ask the other members',
  });
}

/**
 * Follows one consortium's log from a known head; any gap, fork, reordering or change is an error. The roster, and with it
 * the coordinator's key, changes at an `epoch` entry, and only to an epoch of a verified chain.
 */
export class LogVerifier {
  readonly #primitives: PublicPrimitives;
  #chain: EpochChain;
  #head: LogHead;
  #epoch: number;

  /**
   * @param head the last head that this party knew; EMPTY_LOG at first
   * @param epoch the one in force at that head
   */
  constructor(primitives: PublicPrimitives, chain: EpochChain, head: LogHead = EMPTY_LOG, epoch = 0) {
    this.#primitives = primitives;
    this.#chain = chain;
    this.#head = head;
    this.#epoch = epoch;
  }

  get head(): LogHead {
    return this.#head;
  }

  /** In force after the head. */
  get roster(): Roster {
    return this.#rosterOf(this.#epoch);
  }

  /** Later epochs have become known. @throws CryptoError EPOCH_INVALID for a chain that forks from the present one */
  learn(chain: EpochChain): void {
    this.#chain = this.#chain.merge(chain);
  }

  /**
   * Takes the next entry; after an error everything is as before.
   * @returns the new head
   * @throws CryptoError LOG_INVALID, EPOCH_INVALID, SIGNATURE_INVALID
   */
  accept(signed: SignedLogEntry): LogHead {
    return this.acceptAll([signed]);
  }

  /**
   * Takes the next entries, all of them or, after an error, none. Every hash and link is checked and one signature: each
   * entry holds the hash of the one before, so the last signature covers them all. Only where the coordinator's key
   * changes is the last entry under the old key checked too. A signature in between is not looked at beyond its form;
   * whoever needs it as evidence checks it with `verifyEntry`.
   * @returns the new head
   * @throws CryptoError LOG_INVALID, EPOCH_INVALID, SIGNATURE_INVALID
   */
  acceptAll(entries: readonly SignedLogEntry[]): LogHead {
    let head = this.#head;
    let epoch = this.#epoch;
    let before: SignedLogEntry | null = null;
    for (const signed of entries) {
      this.#checkLink(signed, head);
      if (signed.entry.kind === 'genesis') this.#checkGenesis(signed.entry.body);
      if (signed.entry.kind === 'epoch') {
        this.#checkEpoch(signed.entry.body, epoch + 1);
        const { coordinatorKey } = this.#rosterOf(epoch);
        epoch += 1;
        const changes = this.#rosterOf(epoch).coordinatorKey !== coordinatorKey;
        if (changes && before) checkEntrySignature(this.#primitives, before, coordinatorKey);
      }
      head = headOf(signed);
      before = signed;
    }
    if (before) checkEntrySignature(this.#primitives, before, this.#rosterOf(epoch).coordinatorKey);
    this.#head = head;
    this.#epoch = epoch;
    return head;
  }

  #checkLink(signed: SignedLogEntry, head: LogHead): void {
    checkEntryHash(this.#primitives, signed);
    const { index, prev, kind } = signed.entry;
    need(index === head.size, `log entry ${head.size}`, `entry ${index}`);
    need(prev === head.hash, `an entry after ${head.hash}`, `one after ${prev}`);
    need(
      (kind === 'genesis') === (index === 0),
      'genesis as entry 0 and nowhere else',
      `${kind} as ${index}`,
    );
  }

  #checkGenesis(body: JsonObject): void {
    const { consortium, coordinatorKey } = this.#rosterOf(0);
    checkShape('LOG_INVALID', 'genesis', body, {
      consortium: oneOf([consortium]),
      rosterHash: oneOf([this.#chain.hash(0)]),
      coordinatorKey: oneOf([coordinatorKey]),
    });
  }

  #checkEpoch(body: JsonObject, epoch: number): void {
    checkShape('EPOCH_INVALID', 'epoch entry', body, {
      epoch: oneOf([epoch]),
      rosterHash: {
        expects: `a roster as epoch ${epoch} that enough members signed`,
        test: this.#isHashOf(epoch),
      },
      previous: oneOf([this.#chain.hash(epoch - 1)]),
    });
  }

  #isHashOf(epoch: number): (value: unknown) => boolean {
    const known = this.#chain.hash(epoch);
    return (value) => known !== null && value === known;
  }

  #rosterOf(epoch: number): Roster {
    const roster = this.#chain.roster(epoch);
    if (roster) return roster;
    throw new CryptoError('EPOCH_INVALID', {
      expected: `an epoch up to ${this.#chain.last.epoch}`,
      got: String(epoch),
      next: 'get the roster file of the present epoch from the consortium',
    });
  }
}
