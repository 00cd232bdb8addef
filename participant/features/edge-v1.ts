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
  /** What an analyst reads when this feature made an event stand out. */
  readonly words: string;
}

const flag = [0, 1] as const;
const count = [0, 4] as const;

export const EDGE_V1: readonly Feature[] = [
  {
    name: 'edgeNew',
    range: flag,
    meaning: 'source -> destination never seen',
    words: 'this source never reached this destination before',
  },
  {
    name: 'accountDestinationNew',
    range: flag,
    meaning: 'account never seen at destination',
    words: 'the account was never used at this destination before',
  },
  {
    name: 'accountSourceNew',
    range: flag,
    meaning: 'account never seen from source',
    words: 'the account was never used from this source before',
  },
  {
    name: 'edgeAge',
    range: count,
    meaning: 'ln(1 + hours) / 2 since source -> destination, 4 where new',
    words: 'this source has not reached this destination for long',
  },
  {
    name: 'accountDestinationAge',
    range: count,
    meaning: 'the same for account at destination',
    words: 'the account has not been used at this destination for long',
  },
  {
    name: 'accountSourceAge',
    range: count,
    meaning: 'the same for account from source',
    words: 'the account has not been used from this source for long',
  },
  {
    name: 'edgeTotal',
    range: count,
    meaning: 'ln(1 + events) / 3 on source -> destination',
    words: 'traffic of this pair of hosts is unusual',
  },
  {
    name: 'accountDestinationTotal',
    range: count,
    meaning: 'ln(1 + events) / 3 of account at destination',
    words: 'how often the account is used here is unusual',
  },
  {
    name: 'accountSourceTotal',
    range: count,
    meaning: 'ln(1 + events) / 3 of account from source',
    words: 'how often the account is used from this source is unusual',
  },
  {
    name: 'accountTotal',
    range: count,
    meaning: 'ln(1 + events) / 3 of the account',
    words: 'the activity of the account as a whole is unusual',
  },
  {
    name: 'accountFanRecent',
    range: count,
    meaning: 'ln(1 + n), destinations of the account, half-life 1 hour',
    words: 'the account reached many destinations within an hour',
  },
  {
    name: 'accountDestinations',
    range: count,
    meaning: 'ln(1 + n) / 2, distinct destinations of the account',
    words: 'the number of destinations of the account is unusual',
  },
  {
    name: 'sourceFanRecent',
    range: count,
    meaning: 'ln(1 + n), destinations of the source, half-life 1 hour',
    words: 'the source reached many destinations within an hour',
  },
  {
    name: 'sourceDestinations',
    range: count,
    meaning: 'ln(1 + n) / 2, distinct destinations of the source',
    words: 'the number of destinations of the source is unusual',
  },
  {
    name: 'accountNewBurst',
    range: count,
    meaning: 'ln(1 + n), first-time destinations of the account, half-life 4 hours',
    words: 'the account has just reached several destinations for the first time',
  },
  {
    name: 'sourceNewBurst',
    range: count,
    meaning: 'ln(1 + n), first-time destinations of the source, half-life 4 hours',
    words: 'the source has just reached several destinations for the first time',
  },
  {
    name: 'accountNewSources',
    range: count,
    meaning: 'ln(1 + n), first-time sources of the account, half-life 4 hours',
    words: 'the account has just come from several new sources',
  },
  {
    name: 'pivot',
    range: count,
    meaning: 'ln(1 + n), first-time remote arrivals at the source host, half-life 4 hours',
    words: 'somebody has just come to the source host by a way never seen before',
  },
  {
    name: 'destinationSources',
    range: count,
    meaning: 'ln(1 + n) / 2, distinct sources of the destination',
    words: 'the number of sources of this destination is unusual',
  },
  {
    name: 'destinationAccounts',
    range: count,
    meaning: 'ln(1 + n) / 2, distinct accounts at the destination',
    words: 'the number of accounts at this destination is unusual',
  },
  {
    name: 'sourceArrivals',
    range: count,
    meaning: 'ln(1 + n) / 2, distinct hosts that came to the source host',
    words: 'the source host is rarely a destination itself',
  },
  {
    name: 'accountFailures',
    range: count,
    meaning: 'ln(1 + n), failures of the account, half-life 1 hour',
    words: 'the account has just failed repeatedly',
  },
  {
    name: 'sourceFailures',
    range: count,
    meaning: 'ln(1 + n), failures from the source, half-life 1 hour',
    words: 'logons from the source have just failed repeatedly',
  },
  { name: 'failed', range: flag, meaning: 'this event failed', words: 'the logon failed' },
  {
    name: 'hourSurprise',
    range: [-4, 4],
    meaning: '-ln(share of this three-hour part of the day in the account history x 8)',
    words: 'the account is not used at this time of day',
  },
  {
    name: 'kindSurpriseAccount',
    range: count,
    meaning: '-ln P(kind | account) / 2, kind = protocol, logon type, action',
    words: 'the account does not log on in this way',
  },
  {
    name: 'kindSurpriseDestination',
    range: count,
    meaning: '-ln P(kind | destination) / 2',
    words: 'nobody logs on to this destination in this way',
  },
  {
    name: 'kindRarity',
    range: count,
    meaning: '-ln P(kind) / 2 over the organisation',
    words: 'this way of logging on is rare here',
  },
  {
    name: 'degreeRarity',
    range: [-4, 4],
    meaning: 'ln((n + .5) / (e + .5)) / 2, e = events expected from the degrees alone',
    words: 'the pair of hosts is rarer than their activity explains',
  },
  {
    name: 'neighbourOverlap',
    range: flag,
    meaning:
      'share of the destinations of the source that sources of this destination also use; .5 where unknown',
    words: 'hosts that use this destination have little in common with the source',
  },
  {
    name: 'local',
    range: flag,
    meaning: 'source and destination are the same host',
    words: 'the logon is local',
  },
  {
    name: 'automatic',
    range: flag,
    meaning: 'account of a machine or of the operating system',
    words: 'the kind of account is unusual',
  },
  {
    name: 'accountsDiffer',
    range: flag,
    meaning: 'another account is used than the one that asks',
    words: 'one account uses the credentials of another',
  },
  { name: 'ntlm', range: flag, meaning: 'protocol is NTLM', words: 'the protocol is NTLM' },
  {
    name: 'handsOn',
    range: flag,
    meaning: 'logon type of a person at the keyboard',
    words: 'the logon type is interactive',
  },
  {
    name: 'ticket',
    range: flag,
    meaning: 'a Kerberos ticket is asked for',
    words: 'a Kerberos ticket was asked for',
  },
];

/** Place of each feature in a row. */
export const AT = Object.fromEntries(EDGE_V1.map(({ name }, i) => [name, i])) as Readonly<
  Record<string, number>
>;
