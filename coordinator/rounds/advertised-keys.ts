import { verifyEphemeral } from '../../crypto/public/ephemeral.ts';
import type { EphemeralPublic } from '../../crypto/public/ephemeral.ts';
import { type PairTree, checkPairs, pairAt, pairIndex } from '../../crypto/public/pair-keys.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import type { Roster } from '../../crypto/public/roster.ts';
import { CordonError } from '../../protocol/errors.ts';
import type { EphemeralPublicMessage } from '../../protocol/messages/ephemeral-public.ts';

/** Times that the keys of a member for one round are looked at: a restart brings new ones, and a look costs as much as 1,000 pairs. */
const MOST_LOOKS = 16;

interface Advertised {
  readonly key: EphemeralPublicMessage;
  /** The pairs as they came: 1,216 bytes a member, so 19 MB for the largest committee and consortium. */
  readonly keys: Uint8Array;
  readonly tree: PairTree;
}

/** Ephemeral keys that committee members have advertised for one round, with the pairs under them. */
export class AdvertisedKeys {
  private readonly primitives: PublicPrimitives;
  private readonly roster: Roster;
  private readonly byMember = new Map<string, Advertised>();
  private readonly looks = new Map<string, number>();

  constructor({ primitives, roster }: { readonly primitives: PublicPrimitives; readonly roster: Roster }) {
    this.primitives = primitives;
    this.roster = roster;
  }

  /**
   * Checks and keeps what a member advertises; the newest counts, because a member that restarted has lost its first.
   * @throws CryptoError TRANSCRIPT_INVALID, SIGNATURE_INVALID; CordonError TOO_MANY_REQUESTS
   */
  put(key: EphemeralPublicMessage, keys: Uint8Array): void {
    verifyEphemeral(this.primitives, key, this.roster);
    const before = this.byMember.get(key.member);
    if (before?.key.keysRoot === key.keysRoot) return;
    const looks = this.looks.get(key.member) ?? 0;
    if (looks === MOST_LOOKS) throw tooOften(key.member);
    this.looks.set(key.member, looks + 1);
    this.byMember.set(key.member, { key, keys, tree: checkPairs(this.primitives, key, keys) });
  }

  /** What goes into the transcript, ascending committee index. */
  of(members: readonly string[]): EphemeralPublicMessage[] {
    const keys = members.flatMap((member) => this.byMember.get(member)?.key ?? []);
    return keys.sort((a, b) => a.committeeIndex - b.committeeIndex);
  }

  /** The contributor's own pairs, in the order of the committee: each followed by its inclusion proof. */
  pairsFor(contributor: string, committee: readonly EphemeralPublic[]): Uint8Array {
    const index = pairIndex(this.roster, contributor);
    const parts = committee.flatMap(({ member }) => {
      const advertised = this.byMember.get(member);
      return advertised ? [pairAt(advertised.keys, index), ...advertised.tree.proof(index)] : [];
    });
    return Buffer.concat(parts);
  }
}

function tooOften(member: string): CordonError {
  return new CordonError('TOO_MANY_REQUESTS', {
    expected: `at most ${MOST_LOOKS} sets of keys of ${member} in a round`,
    got: 'another one',
    next: 'keep the keys until the next round',
  });
}
