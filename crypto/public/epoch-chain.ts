import { checkEpochLink } from './epoch.ts';
import type { SignedEpoch } from './epoch.ts';
import { CryptoError } from './errors.ts';
import type { PublicPrimitives } from './primitives.ts';
import { rosterHash } from './roster.ts';
import type { Roster } from './roster.ts';

/** A consortium's epochs from the first on, every link of them checked: there is no other way to make one. */
export class EpochChain {
  readonly epochs: readonly SignedEpoch[];
  readonly #primitives: PublicPrimitives;
  readonly #hashes: readonly string[];
  /** The roster in force. */
  readonly last: Roster;

  private constructor(
    primitives: PublicPrimitives,
    { epochs, hashes, last }: { epochs: SignedEpoch[]; hashes: string[]; last: Roster },
  ) {
    this.#primitives = primitives;
    this.#hashes = hashes;
    this.epochs = epochs;
    this.last = last;
  }

  /**
   * Checks a whole chain. Its first epoch is taken as it is: that it is the right one, its reader must know otherwise.
   * @throws CryptoError EPOCH_INVALID, ROSTER_INVALID
   */
  static verify(primitives: PublicPrimitives, epochs: readonly SignedEpoch[]): EpochChain {
    const last = checkLinks(primitives, null, epochs);
    if (last === null) throw invalid('epoch 0 at least', 'no epoch');
    return new EpochChain(primitives, { epochs: [...epochs], hashes: hashesOf(primitives, epochs), last });
  }

  /** @throws CryptoError EPOCH_INVALID, ROSTER_INVALID where one of them does not follow; this chain stays as it is */
  extend(epochs: readonly SignedEpoch[]): EpochChain {
    const last = checkLinks(this.#primitives, this.last, epochs);
    if (last === null || epochs.length === 0) return this;
    const hashes = [...this.#hashes, ...hashesOf(this.#primitives, epochs)];
    return new EpochChain(this.#primitives, { epochs: [...this.epochs, ...epochs], hashes, last });
  }

  /** The roster of that number, or null beyond the end. */
  roster(epoch: number): Roster | null {
    return this.epochs[epoch]?.roster ?? null;
  }

  /** Hash of the roster of that number, or null beyond the end. */
  hash(epoch: number): string | null {
    return this.#hashes[epoch] ?? null;
  }

  /** Whether a roster of this hash is one of the chain. */
  includes(hash: string): boolean {
    return this.#hashes.includes(hash);
  }

  /**
   * The longer of two chains of one consortium. Who signed may differ; the rosters may not.
   * @throws CryptoError EPOCH_INVALID where both have an epoch of one number and it is not the same one
   */
  merge(other: EpochChain): EpochChain {
    const shared = Math.min(this.epochs.length, other.epochs.length);
    for (let epoch = 0; epoch < shared; epoch++) {
      const [ours, theirs] = [this.#hashes[epoch], other.#hashes[epoch]];
      if (ours !== theirs)
        throw invalid(`roster ${ours} as epoch ${epoch}`, `roster ${theirs}: the chain forks`);
    }
    return other.epochs.length > this.epochs.length ? other : this;
  }
}

/** @returns the last roster, or `before` for no epoch */
function checkLinks(
  primitives: PublicPrimitives,
  before: Roster | null,
  epochs: readonly SignedEpoch[],
): Roster | null {
  let previous = before;
  for (const next of epochs) {
    checkEpochLink(primitives, previous, next);
    previous = next.roster;
  }
  return previous;
}

function hashesOf(primitives: PublicPrimitives, epochs: readonly SignedEpoch[]): string[] {
  return epochs.map(({ roster }) => rosterHash(primitives, roster));
}

function invalid(expected: string, got: string): CryptoError {
  return new CryptoError('EPOCH_INVALID', {
    expected,
    got,
    next: 'take no part; compare the roster file with those of the other members',
  });
}
