import { weaknessOf } from './ed25519-key.ts';
import { fromBase64Url } from './encoding.ts';
import { CryptoError } from './errors.ts';
import { hashObject } from './hash-object.ts';
import { MAX_MEMBERS } from './params.ts';
import type { PublicPrimitives } from './primitives.ts';
import { base64url, checkShape, hash, identifier, integer, list, nullOr } from './shape.ts';

/** Largest committee; up to this many members the committee is everybody. */
export const MAX_COMMITTEE = 15;

export type RosterMember = {
  readonly id: string;
  /** 1..n */
  readonly index: number;
  /** Ed25519, base64url */
  readonly signKey: string;
};

/** One epoch: who the members are and what may be relied on. */
export type Roster = {
  readonly consortium: string;
  /** 0, 1, 2, ... without gaps */
  readonly epoch: number;
  /** Hash of the roster of the epoch before, hex; null in epoch 0. */
  readonly previous: string | null;
  readonly members: readonly RosterMember[];
  /** Member ids; the Shamir x-coordinate of committee[j] is j + 1. */
  readonly committee: readonly string[];
  /** t: answers that open a sum. */
  readonly threshold: number;
  /** Members of all n that may collude with the coordinator. */
  readonly cRoster: number;
  /** Committee members of the m that may collude with the coordinator. */
  readonly cCommittee: number;
  /** Fewest contributors of a sum that is opened. */
  readonly kMin: number;
  /** Ed25519, base64url */
  readonly coordinatorKey: string;
};

/** SHA-256 of the roster under its domain, hex. */
export function rosterHash(primitives: PublicPrimitives, roster: Roster): string {
  return hashObject(primitives, 'cordon/v1/roster', roster);
}

/** Least t with t > (m + cCommittee) / 2: two sets of t answers share an honest member, who answers once. */
export function leastThreshold(m: number, cCommittee: number): number {
  return Math.floor((m + cCommittee) / 2) + 1;
}

function need(ok: boolean, expected: string, got: string): void {
  if (ok) return;
  throw new CryptoError('ROSTER_INVALID', {
    expected,
    got,
    next: 'refuse the roster; its author must choose members and bounds that obey the rule',
  });
}

function unique(values: readonly (string | number)[]): boolean {
  return new Set(values).size === values.length;
}

function checkKey(who: string, key: string): void {
  const weakness = weaknessOf(fromBase64Url(key, 32));
  need(weakness === null, `a key of ${who} that it alone can sign with`, String(weakness));
}

/**
 * Every rule of a single epoch; weaker settings than the trust model's are refused.
 * @throws CryptoError ROSTER_INVALID naming the rule
 */
export function checkRoster(roster: Roster): void {
  checkShape('ROSTER_INVALID', 'roster', roster, {
    consortium: identifier,
    epoch: integer(0),
    previous: nullOr(hash),
    members: list(3, MAX_MEMBERS),
    committee: list(3, MAX_COMMITTEE),
    threshold: integer(2, MAX_COMMITTEE),
    cRoster: integer(1, MAX_MEMBERS),
    cCommittee: integer(1, MAX_COMMITTEE),
    kMin: integer(3, MAX_MEMBERS),
    coordinatorKey: base64url(32),
  });
  const { members, committee, threshold, cRoster, cCommittee, kMin, epoch, previous } = roster;
  const n = members.length;
  const m = committee.length;
  need(
    (epoch === 0) === (previous === null),
    'the hash of the roster before in every epoch but the first',
    previous === null ? `none in epoch ${epoch}` : 'one in epoch 0',
  );
  for (const member of members) {
    checkShape('ROSTER_INVALID', 'member', member, {
      id: identifier,
      index: integer(1, n),
      signKey: base64url(32),
    });
  }
  const ids = members.map(({ id }) => id);
  need(unique(ids), 'unique member ids', 'an id twice');
  need(unique(members.map(({ index }) => index)), 'unique member indices', 'an index twice');
  need(
    unique([roster.coordinatorKey, ...members.map(({ signKey }) => signKey)]),
    'a key of its own for every member and for the coordinator',
    'a key twice',
  );
  checkKey('the coordinator', roster.coordinatorKey);
  for (const { id, signKey } of members) checkKey(id, signKey);
  need(unique(committee), 'unique committee members', 'a committee member twice');
  const stranger = committee.find((id) => !ids.includes(id));
  need(stranger === undefined, 'a committee of members', `committee member ${JSON.stringify(stranger)}`);
  const size = Math.min(n, MAX_COMMITTEE);
  need(m === size, `a committee of ${size} for ${n} members`, `a committee of ${m}`);
  need(threshold <= m, `threshold at most ${m}, the committee`, String(threshold));
  need(
    threshold >= leastThreshold(m, cCommittee),
    `threshold above (m + cCommittee) / 2 = ${(m + cCommittee) / 2}`,
    String(threshold),
  );
  const floor = Math.max(3, cRoster + 2);
  need(kMin >= floor, `kMin at least max(3, cRoster + 2) = ${floor}`, String(kMin));
  need(kMin <= n, `kMin at most ${n}, the members`, String(kMin));
}

/** The member of that id. @throws CryptoError ROSTER_INVALID for a stranger */
export function memberOf(roster: Roster, id: string): RosterMember {
  const member = roster.members.find((one) => one.id === id);
  if (member === undefined) {
    throw new CryptoError('ROSTER_INVALID', {
      expected: `a member of ${roster.consortium}, epoch ${roster.epoch}`,
      got: JSON.stringify(id.slice(0, 80)),
      next: 'refuse what it sent; strangers join with a new epoch that the members sign',
    });
  }
  return member;
}
