import { canonicalBytes } from './canonical.ts';
import { fromBase64Url, toBase64Url } from './encoding.ts';
import { CryptoError } from './errors.ts';
import { MAX_MEMBERS } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';
import { checkRoster, rosterHash } from './roster.ts';
import type { Roster } from './roster.ts';
import { base64url, checkShape, identifier, list, nested } from './shape.ts';
import type { Sign } from './signed.ts';

export type EpochSignature = {
  readonly member: string;
  /** Ed25519 over `epochSigningBytes`, base64url */
  readonly signature: string;
};

/** A roster, and those who put it into force: members of the epoch before, or in epoch 0 all of its own. */
export type SignedEpoch = {
  readonly roster: Roster;
  readonly signatures: readonly EpochSignature[];
};

/**
 * Least number of signatures of this epoch's members that the next one needs: more than (n + cRoster) / 2. Two rosters
 * of one number would share more than cRoster signers, so an honest member, who signs one of a number.
 */
export function leastSignatures({ members, cRoster }: Roster): number {
  return Math.floor((members.length + cRoster) / 2) + 1;
}

/** What a member signs: the roster's hash under a domain of its own. */
export function epochSigningBytes(primitives: PublicPrimitives, roster: Roster): Uint8Array {
  return canonicalBytes('cordon/v1/epoch', { rosterHash: rosterHash(primitives, roster) });
}

/**
 * One member's signature on an epoch. A member must never sign two rosters of one number and nothing here remembers it:
 * members sign with `EpochSigner` of crypto/secret, which does.
 */
export function signEpoch(
  primitives: PublicPrimitives,
  roster: Roster,
  { member, sign }: { readonly member: string; readonly sign: Sign },
): EpochSignature {
  checkRoster(roster);
  return { member, signature: toBase64Url(sign(epochSigningBytes(primitives, roster))) };
}

/**
 * The roster of the epoch after `previous`, with what changes; it counts once enough members of `previous` sign it.
 * @throws CryptoError ROSTER_INVALID for one that breaks a rule
 * @public for whoever proposes an epoch
 */
export function nextRoster(
  primitives: PublicPrimitives,
  previous: Roster,
  changes: Partial<Omit<Roster, 'consortium' | 'epoch' | 'previous'>>,
): Roster {
  const link = { epoch: previous.epoch + 1, previous: rosterHash(primitives, previous) };
  const roster: Roster = { ...previous, ...changes, ...link };
  checkRoster(roster);
  return roster;
}

function need(ok: boolean, expected: string, got: string): void {
  if (ok) return;
  throw new CryptoError('EPOCH_INVALID', {
    expected,
    got,
    next: 'take no part in this epoch; ask the other members which roster they signed',
  });
}

/**
 * Whether an epoch follows from the one before: same consortium, next number, linked by hash, and signed by more than
 * (n + cRoster) / 2 distinct members of the one before, by the keys that it names. Newcomers have no say in it.
 * @param previous null for epoch 0, which all of its own members sign
 * @throws CryptoError EPOCH_INVALID, ROSTER_INVALID
 */
export function checkEpochLink(
  primitives: PublicPrimitives,
  previous: Roster | null,
  next: SignedEpoch,
): void {
  checkShape('EPOCH_INVALID', 'signed epoch', next, { roster: nested, signatures: list(1, MAX_MEMBERS) });
  const { roster } = next;
  checkRoster(roster);
  if (previous === null) {
    need(roster.epoch === 0, 'epoch 0 as the first one', `epoch ${roster.epoch}`);
    checkSignatures(primitives, next, roster, roster.members.length);
    return;
  }
  need(roster.consortium === previous.consortium, `consortium ${previous.consortium}`, roster.consortium);
  need(roster.epoch === previous.epoch + 1, `epoch ${previous.epoch + 1}`, `epoch ${roster.epoch}`);
  const before = rosterHash(primitives, previous);
  need(roster.previous === before, `an epoch after roster ${before}`, `one after ${roster.previous}`);
  checkSignatures(primitives, next, previous, leastSignatures(previous));
}

/** Every signature must be good, not only enough of them: an epoch has one meaning for everybody who checks it. */
function checkSignatures(
  primitives: PublicPrimitives,
  { roster, signatures }: SignedEpoch,
  signers: Roster,
  least: number,
): void {
  const message = epochSigningBytes(primitives, roster);
  const keys = new Map(signers.members.map(({ id, signKey }) => [id, signKey]));
  const seen = new Set<string>();
  const of = `${roster.consortium}, epoch ${signers.epoch}`;
  need(
    signatures.length >= least,
    `signatures of at least ${least} of the ${keys.size} members of ${of}`,
    String(signatures.length),
  );
  for (const one of signatures) {
    checkShape('EPOCH_INVALID', 'signature of an epoch', one, {
      member: identifier,
      signature: base64url(64),
    });
    const { member, signature } = one;
    const key = keys.get(member);
    need(!seen.has(member), 'one signature a member', `two of ${member}`);
    seen.add(member);
    if (key === undefined) return need(false, `a signer of ${of}`, member);
    const valid = primitives.verifyEd25519(fromBase64Url(key, 32), message, fromBase64Url(signature, 64));
    need(valid, `the signature of ${member} on epoch ${roster.epoch}`, 'one that does not verify');
  }
}
