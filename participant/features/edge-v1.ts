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
}

const flag = [0, 1] as const;
const count = [0, 4] as const;

/** The features of a row in their order. A row is a Float32Array of `EDGE_V1.length` values. */
export const EDGE_V1 = [
  { name: 'edgeNew', range: flag, meaning: 'source -> destination never seen' },
  { name: 'accountDestinationNew', range: flag, meaning: 'account never seen at destination' },
  { name: 'accountSourceNew', range: flag, meaning: 'account never seen from source' },
  { name: 'edgeAge', range: count, meaning: 'ln(1 + hours) / 2 since source -> destination, 4 where new' },
  { name: 'accountDestinationAge', range: count, meaning: 'the same for account at destination' },
  { name: 'accountSourceAge', range: count, meaning: 'the same for account from source' },
  { name: 'edgeTotal', range: count, meaning: 'ln(1 + events) / 3 on source -> destination' },
  { name: 'accountDestinationTotal', range: count, meaning: 'ln(1 + events) / 3 of account at destination' },
  { name: 'accountSourceTotal', range: count, meaning: 'ln(1 + events) / 3 of account from source' },
  { name: 'accountTotal', range: count, meaning: 'ln(1 + events) / 3 of the account' },
  {
    name: 'accountFanRecent',
    range: count,
    meaning: 'ln(1 + n), destinations of the account, half-life 1 hour',
  },
  {
    name: 'accountDestinations',
    range: count,
    meaning: 'ln(1 + n) / 2, distinct destinations of the account',
  },
  {
    name: 'sourceFanRecent',
    range: count,
    meaning: 'ln(1 + n), destinations of the source, half-life 1 hour',
  },
  { name: 'sourceDestinations', range: count, meaning: 'ln(1 + n) / 2, distinct destinations of the source' },
  {
    name: 'accountNewBurst',
    range: count,
    meaning: 'ln(1 + n), first-time destinations of the account, half-life 4 hours',
  },
  {
    name: 'sourceNewBurst',
    range: count,
    meaning: 'ln(1 + n), first-time destinations of the source, half-life 4 hours',
  },
  {
    name: 'accountNewSources',
    range: count,
    meaning: 'ln(1 + n), first-time sources of the account, half-life 4 hours',
  },
  {
    name: 'pivot',
    range: count,
    meaning: 'ln(1 + n), first-time remote arrivals at the source host, half-life 4 hours',
  },
  { name: 'destinationSources', range: count, meaning: 'ln(1 + n) / 2, distinct sources of the destination' },
  {
    name: 'destinationAccounts',
    range: count,
    meaning: 'ln(1 + n) / 2, distinct accounts at the destination',
  },
  {
    name: 'sourceArrivals',
    range: count,
    meaning: 'ln(1 + n) / 2, distinct hosts that came to the source host',
  },
  { name: 'accountFailures', range: count, meaning: 'ln(1 + n), failures of the account, half-life 1 hour' },
  { name: 'sourceFailures', range: count, meaning: 'ln(1 + n), failures from the source, half-life 1 hour' },
  { name: 'failed', range: flag, meaning: 'this event failed' },
  {
    name: 'hourSurprise',
    range: [-4, 4],
    meaning: '-ln(share of this three-hour part of the day in the account history x 8)',
  },
  {
    name: 'kindSurpriseAccount',
    range: count,
    meaning: '-ln P(kind | account) / 2, kind = protocol, logon type, action',
  },
  { name: 'kindSurpriseDestination', range: count, meaning: '-ln P(kind | destination) / 2' },
  { name: 'kindRarity', range: count, meaning: '-ln P(kind) / 2 over the organisation' },
  {
    name: 'degreeRarity',
    range: [-4, 4],
    meaning: 'ln((n + .5) / (e + .5)) / 2, e = events expected from the degrees alone',
  },
  {
    name: 'neighbourOverlap',
    range: flag,
    meaning:
      'share of the destinations of the source that sources of this destination also use; .5 where unknown',
  },
  { name: 'local', range: flag, meaning: 'source and destination are the same host' },
  { name: 'automatic', range: flag, meaning: 'account of a machine or of the operating system' },
  { name: 'accountsDiffer', range: flag, meaning: 'another account is used than the one that asks' },
  { name: 'ntlm', range: flag, meaning: 'protocol is NTLM' },
  { name: 'handsOn', range: flag, meaning: 'logon type of a person at the keyboard' },
  { name: 'ticket', range: flag, meaning: 'a Kerberos ticket is asked for' },
] as const satisfies readonly Feature[];

/** Names of the features; a wrong one does not compile. */
export type FeatureName = (typeof EDGE_V1)[number]['name'];

/** Place of each feature in a row. */
export const AT = Object.fromEntries(EDGE_V1.map(({ name }, place) => [name, place])) as Readonly<
  Record<FeatureName, number>
>;
