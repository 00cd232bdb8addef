import type { FeatureName } from '../features/edge-v1.ts';
import type { FederationFeature } from '../features/edge-v2.ts';

/** What an analyst reads of a feature that made an event stand out; a side that says little has no words. */
export interface Sentences {
  /** Where its value is above the usual one. */
  readonly high?: string;
  /** Where its value is below the usual one. */
  readonly low?: string;
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

/** The sentences of every feature of `edge-v1`. */
export const SENTENCES: Readonly<Record<FeatureName, Sentences>> = {
  edgeNew: { high: 'this source never reached this destination before', highFrom: 1, pair: true },
  accountDestinationNew: { high: 'the account was never used at this destination before', highFrom: 1 },
  accountSourceNew: { high: 'the account was never used from this source before', highFrom: 1 },
  edgeAge: {
    high: 'this source has not reached this destination for long or ever',
    highFrom: A_DAY,
    pair: true,
  },
  accountDestinationAge: {
    high: 'the account has not been used at this destination for long or ever',
    highFrom: A_DAY,
  },
  accountSourceAge: {
    high: 'the account has not been used from this source for long or ever',
    highFrom: A_DAY,
  },
  edgeTotal: {
    high: 'this pair of hosts talks unusually often',
    low: 'this pair of hosts hardly ever talks',
    pair: true,
  },
  accountDestinationTotal: {
    high: 'the account is used at this destination unusually often',
    low: 'the account is hardly ever used at this destination',
  },
  accountSourceTotal: {
    high: 'the account is used from this source unusually often',
    low: 'the account is hardly ever used from this source',
  },
  accountTotal: { high: 'the account is unusually active', low: 'the account is hardly ever used' },
  accountFanRecent: { high: 'the account reached many destinations within an hour', highFrom: burst(6) },
  accountDestinations: {
    high: 'the account has many destinations',
    low: 'the account usually has few destinations',
  },
  sourceFanRecent: { high: 'the source reached many destinations within an hour', highFrom: burst(6) },
  sourceDestinations: {
    high: 'the source has many destinations',
    low: 'the source usually has few destinations',
  },
  accountNewBurst: {
    high: 'the account has just reached destinations for the first time',
    highFrom: burst(1),
  },
  sourceNewBurst: { high: 'the source has just reached destinations for the first time', highFrom: burst(1) },
  accountNewSources: { high: 'the account has just come from new sources', highFrom: burst(1) },
  pivot: { high: 'somebody has just come to the source host by a way never seen before', highFrom: burst(1) },
  destinationSources: {
    high: 'many hosts come to this destination',
    low: 'few hosts come to this destination',
  },
  destinationAccounts: {
    high: 'many accounts are used at this destination',
    low: 'few accounts are used at this destination',
  },
  sourceArrivals: {
    high: 'many hosts come to the source host',
    low: 'the source host is rarely a destination itself',
  },
  accountFailures: { high: 'the account has just failed repeatedly', highFrom: burst(4) },
  sourceFailures: { high: 'logons from the source have just failed repeatedly', highFrom: burst(4) },
  failed: { high: 'the logon failed', highFrom: 1 },
  hourSurprise: { high: 'the account is rarely used at this time of day', highFrom: Math.log(2) },
  kindSurpriseAccount: { high: 'the account does not usually log on in this way', highFrom: surpriseOf(0.5) },
  kindSurpriseDestination: {
    high: 'this destination is not usually logged on to in this way',
    highFrom: surpriseOf(0.5),
  },
  kindRarity: { high: 'this way of logging on is rare here', highFrom: surpriseOf(0.1) },
  degreeRarity: {
    high: 'the pair of hosts talks more than their activity explains',
    low: 'the pair of hosts talks less than their activity explains',
    highFrom: 0,
    lowTo: 0,
    pair: true,
  },
  neighbourOverlap: {
    low: 'hosts that use this destination have little in common with the source',
    lowTo: LITTLE_OVERLAP,
    pair: true,
  },
  local: { low: 'the logon is remote', lowTo: 0 },
  automatic: {
    high: 'the account belongs to a machine or the system',
    low: 'the account belongs to a person or service',
    highFrom: 1,
    lowTo: 0,
  },
  accountsDiffer: { high: 'one account uses the credentials of another', highFrom: 1 },
  ntlm: { high: 'the protocol is NTLM', highFrom: 1 },
  handsOn: { high: 'the logon type is interactive', highFrom: 1 },
  ticket: { high: 'a Kerberos ticket was asked for', highFrom: 1 },
};

/** A member at least, or one event, that has not faded by half. */
const ONE_OTHER = Math.log1p(0.5);

/** Those of the columns that `edge-v2` adds. How old the newest answer is says nothing of an event. */
export const FEDERATION_SENTENCES: Readonly<Record<FederationFeature, Sentences>> = {
  federationAge: {},
  accountOthers: { high: 'other organisations see the account these hours', highFrom: ONE_OTHER },
  sourceOthers: { high: 'other organisations see the source these hours', highFrom: ONE_OTHER },
  pairOthers: { high: 'other organisations see the account from this source', highFrom: ONE_OTHER },
  accountFederationNew: { high: 'no other organisation has reported the account', highFrom: 1 },
  sourceFederationNew: { high: 'no other organisation has reported the source', highFrom: 1 },
  pairFederationNew: { high: 'no other organisation has reported the account from this source', highFrom: 1 },
  accountFailuresOthers: { high: 'the account fails at other organisations', highFrom: ONE_OTHER },
  sourceFailuresOthers: {
    high: 'logons from the source fail at other organisations',
    highFrom: ONE_OTHER,
  },
  accountBurstOthers: {
    high: 'the account reaches new destinations at other organisations',
    highFrom: ONE_OTHER,
  },
  sourceBurstOthers: {
    high: 'the source reaches new destinations at other organisations',
    highFrom: ONE_OTHER,
  },
};
