import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { AT, type FeatureName } from '../features/edge-v1.ts';
import { FEDERATION_AT, type FederationFeature } from '../features/edge-v2.ts';
import { usedAccount } from '../features/event-kind.ts';

/** Where every feature ends that has no other bound: what is there is this or more. */
const CLIPPED = 4;

/** What of the site's history a feature of an event is measured against. */
export interface Facts {
  readonly event: AuthEvent;
  readonly row: Float32Array;
  /** When the account was first seen here, milliseconds; null where that is not known. */
  readonly accountSince: number | null;
}

/**
 * The numbers behind a feature, from before the event, in words: how often, how many, how long ago. They are read back from
 * the row itself, so they are what the model has seen. null where the feature is a fact about the event alone.
 */
export function against(
  feature: FeatureName | FederationFeature,
  { event, row, accountSince }: Facts,
): string | null {
  const account = usedAccount(event) || 'the account';
  const [source, destination] = [event.srcHost, event.dstHost];
  const at = (name: FeatureName): number => row[AT[name]] ?? 0;
  const times = (name: FeatureName): string => counted(at(name), 3, 'event');
  const distinct = (name: FeatureName, what: string): string => counted(at(name), 2, what);
  const lately = (name: FeatureName, what: string): string =>
    `about ${counted(at(name), 1, what)} in the last hours`;
  const days = accountSince === null ? '' : ` in ${daysBetween(accountSince, event.time)}`;
  const kind = `${event.protocol} ${event.logonType}`;
  const texts: Partial<Record<FeatureName | FederationFeature, () => string>> = {
    edgeNew: () =>
      `${source} had reached ${distinct('sourceDestinations', 'other host')}, never ${destination}`,
    accountDestinationNew: () =>
      `${account} had used ${distinct('accountDestinations', 'other host')}${days}, never ${destination}`,
    accountSourceNew: () => `${account} had ${times('accountTotal')}${days}, none from ${source}`,
    edgeAge: () => `${source} to ${destination}: ${age(at('edgeAge'))}`,
    accountDestinationAge: () => `${account} at ${destination}: ${age(at('accountDestinationAge'))}`,
    accountSourceAge: () => `${account} from ${source}: ${age(at('accountSourceAge'))}`,
    edgeTotal: () => `${times('edgeTotal')} from ${source} to ${destination} before`,
    accountDestinationTotal: () =>
      `${times('accountDestinationTotal')} of ${account} at ${destination} before`,
    accountSourceTotal: () => `${times('accountSourceTotal')} of ${account} from ${source} before`,
    accountTotal: () => `${times('accountTotal')} of ${account} before${days}`,
    accountFanRecent: () => lately('accountFanRecent', 'destination'),
    accountDestinations: () => `${distinct('accountDestinations', 'host')} before${days}`,
    sourceFanRecent: () => lately('sourceFanRecent', 'destination'),
    sourceDestinations: () => `${distinct('sourceDestinations', 'host')} before`,
    accountNewBurst: () => lately('accountNewBurst', 'first-time destination'),
    sourceNewBurst: () => lately('sourceNewBurst', 'first-time destination'),
    accountNewSources: () => lately('accountNewSources', 'first-time source'),
    pivot: () => lately('pivot', 'first-time arrival'),
    destinationSources: () => `${distinct('destinationSources', 'host')} had come to ${destination}`,
    destinationAccounts: () =>
      `${distinct('destinationAccounts', 'account')} had been used at ${destination}`,
    sourceArrivals: () => `${distinct('sourceArrivals', 'host')} had come to ${source}`,
    accountFailures: () => lately('accountFailures', 'failure'),
    sourceFailures: () => lately('sourceFailures', 'failure'),
    hourSurprise: () =>
      `${percent(Math.exp(-at('hourSurprise')) / 8)} of its events were at this time of day`,
    kindSurpriseAccount: () =>
      `${percent(Math.exp(-2 * at('kindSurpriseAccount')))} of its logons are ${kind}`,
    kindSurpriseDestination: () =>
      `${percent(Math.exp(-2 * at('kindSurpriseDestination')))} of the logons at ${destination} are ${kind}`,
    kindRarity: () => `${percent(Math.exp(-2 * at('kindRarity')))} of all logons here are ${kind}`,
    neighbourOverlap: () => `${percent(at('neighbourOverlap'))} of the hosts that ${source} uses`,
    accountsDiffer: () => `${event.srcAccount} uses ${account}`,
    failed: () => lately('accountFailures', 'failure'),
    local: () => `${times('edgeTotal')} from ${source} to ${destination} before`,
    handsOn: () => `${percent(Math.exp(-2 * at('kindSurpriseAccount')))} of its logons are ${kind}`,
    ticket: () => `${percent(Math.exp(-2 * at('kindSurpriseAccount')))} of its logons are ${kind}`,
    ntlm: () => `${percent(Math.exp(-2 * at('kindRarity')))} of all logons here are ${kind}`,
    accountOthers: () => others(row, 'accountOthers'),
    sourceOthers: () => others(row, 'sourceOthers'),
    pairOthers: () => others(row, 'pairOthers'),
    accountFailuresOthers: () =>
      `about ${counted(row[FEDERATION_AT.accountFailuresOthers] ?? 0, 1, 'failure')}`,
    sourceFailuresOthers: () =>
      `about ${counted(row[FEDERATION_AT.sourceFailuresOthers] ?? 0, 1, 'failure')}`,
  };
  return texts[feature]?.() ?? null;
}

/** `scale` is what the logarithm of the count was divided by. */
function counted(value: number, scale: number, what: string): string {
  const count = Math.round(Math.expm1(value * scale));
  const text = `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
  return value >= CLIPPED ? `at least ${text}` : text;
}

function others(row: Float32Array, name: FederationFeature): string {
  return `about ${counted(row[FEDERATION_AT[name]] ?? 0, 1, 'other organisation')} lately`;
}

function age(value: number): string {
  if (value >= CLIPPED) return 'never before, or long ago';
  const hours = Math.expm1(2 * value);
  return hours >= 48 ? `last ${Math.round(hours / 24)} days ago` : `last ${hoursText(hours)} ago`;
}

function hoursText(hours: number): string {
  if (hours < 1 / 60) return 'less than a minute';
  if (hours < 1) return `${Math.round(hours * 60)} minutes`;
  const whole = Math.round(hours);
  return whole === 1 ? 'an hour' : `${whole} hours`;
}

function daysBetween(from: number, to: number): string {
  const days = Math.max(1, Math.round((to - from) / 86_400_000));
  return days === 1 ? 'a day' : `${days} days`;
}

function percent(share: number): string {
  const value = Math.min(1, share) * 100;
  return value >= 1 ? `${Math.round(value)}%` : 'less than 1%';
}
