/**
 * Feature set `edge-v1`: what one authentication event looks like against the organisation's own history strictly before
 * it. No name, address or other identity enters. Counts pass through ln(1 + n) over a fixed constant, ages through
 * ln(1 + hours) / 2, so nothing depends on statistics of the data set, and everything is clipped to -4..4.
 */
export interface Feature {
  readonly name: string;
  /** Least and greatest value. */
  readonly range: readonly [number, number];
  readonly meaning: string;
  /** What an analyst reads where a value above, or below, the usual one made an event stand out; null where it says little. */
  readonly high: string | null;
  readonly low: string | null;
  /** The value from which on `high` is true of an event, besides being above the usual one. */
  readonly highFrom?: number;
  /** The value up to which `low` is true of an event, besides being below the usual one. */
  readonly lowTo?: number;
  /** True where the sentences are about two hosts, which a logon of a host to itself does not have. */
  readonly pair?: true;
}

/** `edgeAge` and its like after a day. */
const A_DAY = Math.log1p(24) / 2;
/** A burst of `n`, one by one, after its half-life. */
const burst = (n: number): number => Math.log1p(n / 2);
/** The surprise of what happens with probability `p`. */
const surpriseOf = (p: number): number => -Math.log(p) / 2;
/** Below .5, which stands for an overlap that is not known. */
const LITTLE_OVERLAP = 0.25;

const flag = [0, 1] as const;
const count = [0, 4] as const;

/** The features of a row in their order. A row is a Float32Array of `EDGE_V1.length` values. */
export const EDGE_V1 = [
  {
    name: 'edgeNew',
    range: flag,
    meaning: 'source -> destination never seen',
    high: 'this source never reached this destination before',
    low: null,
    highFrom: 1,
    pair: true,
  },
  {
    name: 'accountDestinationNew',
    range: flag,
    meaning: 'account never seen at destination',
    high: 'the account was never used at this destination before',
    low: null,
    highFrom: 1,
  },
  {
    name: 'accountSourceNew',
    range: flag,
    meaning: 'account never seen from source',
    high: 'the account was never used from this source before',
    low: null,
    highFrom: 1,
  },
  {
    name: 'edgeAge',
    range: count,
    meaning: 'ln(1 + hours) / 2 since source -> destination, 4 where new',
    high: 'this source has not reached this destination for long or ever',
    low: null,
    highFrom: A_DAY,
    pair: true,
  },
  {
    name: 'accountDestinationAge',
    range: count,
    meaning: 'the same for account at destination',
    high: 'the account has not been used at this destination for long or ever',
    low: null,
    highFrom: A_DAY,
  },
  {
    name: 'accountSourceAge',
    range: count,
    meaning: 'the same for account from source',
    high: 'the account has not been used from this source for long or ever',
    low: null,
    highFrom: A_DAY,
  },
  {
    name: 'edgeTotal',
    range: count,
    meaning: 'ln(1 + events) / 3 on source -> destination',
    high: 'this pair of hosts talks unusually often',
    low: 'this pair of hosts hardly ever talks',
    pair: true,
  },
  {
    name: 'accountDestinationTotal',
    range: count,
    meaning: 'ln(1 + events) / 3 of account at destination',
    high: 'the account is used at this destination unusually often',
    low: 'the account is hardly ever used at this destination',
  },
  {
    name: 'accountSourceTotal',
    range: count,
    meaning: 'ln(1 + events) / 3 of account from source',
    high: 'the account is used from this source unusually often',
    low: 'the account is hardly ever used from this source',
  },
  {
    name: 'accountTotal',
    range: count,
    meaning: 'ln(1 + events) / 3 of the account',
    high: 'the account is unusually active',
    low: 'the account is hardly ever used',
  },
  {
    name: 'accountFanRecent',
    range: count,
    meaning: 'ln(1 + n), destinations of the account, half-life 1 hour',
    high: 'the account reached many destinations within an hour',
    low: null,
    highFrom: burst(6),
  },
  {
    name: 'accountDestinations',
    range: count,
    meaning: 'ln(1 + n) / 2, distinct destinations of the account',
    high: 'the account has many destinations',
    low: 'the account usually has few destinations',
  },
  {
    name: 'sourceFanRecent',
    range: count,
    meaning: 'ln(1 + n), destinations of the source, half-life 1 hour',
    high: 'the source reached many destinations within an hour',
    low: null,
    highFrom: burst(6),
  },
  {
    name: 'sourceDestinations',
    range: count,
    meaning: 'ln(1 + n) / 2, distinct destinations of the source',
    high: 'the source has many destinations',
    low: 'the source usually has few destinations',
  },
  {
    name: 'accountNewBurst',
    range: count,
    meaning: 'ln(1 + n), first-time destinations of the account, half-life 4 hours',
    high: 'the account has just reached destinations for the first time',
    low: null,
    highFrom: burst(1),
  },
  {
    name: 'sourceNewBurst',
    range: count,
    meaning: 'ln(1 + n), first-time destinations of the source, half-life 4 hours',
    high: 'the source has just reached destinations for the first time',
    low: null,
    highFrom: burst(1),
  },
  {
    name: 'accountNewSources',
    range: count,
    meaning: 'ln(1 + n), first-time sources of the account, half-life 4 hours',
    high: 'the account has just come from new sources',
    low: null,
    highFrom: burst(1),
  },
  {
    name: 'pivot',
    range: count,
    meaning: 'ln(1 + n), first-time remote arrivals at the source host, half-life 4 hours',
    high: 'somebody has just come to the source host by a way never seen before',
    low: null,
    highFrom: burst(1),
  },
  {
    name: 'destinationSources',
    range: count,
    meaning: 'ln(1 + n) / 2, distinct sources of the destination',
    high: 'many hosts come to this destination',
    low: 'few hosts come to this destination',
  },
  {
    name: 'destinationAccounts',
    range: count,
    meaning: 'ln(1 + n) / 2, distinct accounts at the destination',
    high: 'many accounts are used at this destination',
    low: 'few accounts are used at this destination',
  },
  {
    name: 'sourceArrivals',
    range: count,
    meaning: 'ln(1 + n) / 2, distinct hosts that came to the source host',
    high: 'many hosts come to the source host',
    low: 'the source host is rarely a destination itself',
  },
  {
    name: 'accountFailures',
    range: count,
    meaning: 'ln(1 + n), failures of the account, half-life 1 hour',
    high: 'the account has just failed repeatedly',
    low: null,
    highFrom: burst(4),
  },
  {
    name: 'sourceFailures',
    range: count,
    meaning: 'ln(1 + n), failures from the source, half-life 1 hour',
    high: 'logons from the source have just failed repeatedly',
    low: null,
    highFrom: burst(4),
  },
  {
    name: 'failed',
    range: flag,
    meaning: 'this event failed',
    high: 'the logon failed',
    low: null,
    highFrom: 1,
  },
  {
    name: 'hourSurprise',
    range: [-4, 4],
    meaning: '-ln(share of this three-hour part of the day in the account history x 8)',
    high: 'the account is rarely used at this time of day',
    low: null,
    highFrom: Math.log(2),
  },
  {
    name: 'kindSurpriseAccount',
    range: count,
    meaning: '-ln P(kind | account) / 2, kind = protocol, logon type, action',
    high: 'the account does not usually log on in this way',
    low: null,
    highFrom: surpriseOf(0.5),
  },
  {
    name: 'kindSurpriseDestination',
    range: count,
    meaning: '-ln P(kind | destination) / 2',
    high: 'this destination is not usually logged on to in this way',
    low: null,
    highFrom: surpriseOf(0.5),
  },
  {
    name: 'kindRarity',
    range: count,
    meaning: '-ln P(kind) / 2 over the organisation',
    high: 'this way of logging on is rare here',
    low: null,
    highFrom: surpriseOf(0.1),
  },
  {
    name: 'degreeRarity',
    range: [-4, 4],
    meaning: 'ln((n + .5) / (e + .5)) / 2, e = events expected from the degrees alone',
    high: 'the pair of hosts talks more than their activity explains',
    low: 'the pair of hosts talks less than their activity explains',
    highFrom: 0,
    lowTo: 0,
    pair: true,
  },
  {
    name: 'neighbourOverlap',
    range: flag,
    meaning:
      'share of the destinations of the source that sources of this destination also use; .5 where unknown',
    high: null,
    low: 'hosts that use this destination have little in common with the source',
    lowTo: LITTLE_OVERLAP,
    pair: true,
  },
  {
    name: 'local',
    range: flag,
    meaning: 'source and destination are the same host',
    high: null,
    low: 'the logon is remote',
    lowTo: 0,
  },
  {
    name: 'automatic',
    range: flag,
    meaning: 'account of a machine or of the operating system',
    high: 'the account belongs to a machine or the system',
    low: 'the account belongs to a person or service',
    highFrom: 1,
    lowTo: 0,
  },
  {
    name: 'accountsDiffer',
    range: flag,
    meaning: 'another account is used than the one that asks',
    high: 'one account uses the credentials of another',
    low: null,
    highFrom: 1,
  },
  {
    name: 'ntlm',
    range: flag,
    meaning: 'protocol is NTLM',
    high: 'the protocol is NTLM',
    low: null,
    highFrom: 1,
  },
  {
    name: 'handsOn',
    range: flag,
    meaning: 'logon type of a person at the keyboard',
    high: 'the logon type is interactive',
    low: null,
    highFrom: 1,
  },
  {
    name: 'ticket',
    range: flag,
    meaning: 'a Kerberos ticket is asked for',
    high: 'a Kerberos ticket was asked for',
    low: null,
    highFrom: 1,
  },
] as const satisfies readonly Feature[];

/** Names of the features; a wrong one does not compile. */
export type FeatureName = (typeof EDGE_V1)[number]['name'];

/** Place of each feature in a row. */
export const AT = Object.fromEntries(EDGE_V1.map(({ name }, place) => [name, place])) as Readonly<
  Record<FeatureName, number>
>;
