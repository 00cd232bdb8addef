import { logon as logonAs } from '../../test/auth-event.ts';
import { describe, expect, test } from 'vitest';
import { tensorPlaces, weightCount } from '../../models/detection/architecture.ts';
import { edgeScorer } from '../../models/detection/feature-sets.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { AT, EDGE_V1, type FeatureName } from '../features/edge-v1.ts';
import { FeatureExtractor } from '../features/extractor.ts';
import { reasonsOf } from './reasons.ts';
import { SENTENCES } from './sentences.ts';

/** Eleven in the morning of day 30; everything before is history. */
const NOW = 30 * 24 + 11;

function logon(hours: number, src: string, dst: string, extra: Partial<AuthEvent> = {}): AuthEvent {
  return logonAs(hours, src, dst, extra.dstAccount, extra);
}

const as = (dstAccount: string): Partial<AuthEvent> => ({ dstAccount });
/** What everybody does every morning, and what they did just now. */
const everyDay: AuthEvent[] = Array.from({ length: 30 }, (_, day) => [
  logon(day * 24 + 10, 'desk', 'files'),
  logon(day * 24 + 10.1, 'desk', 'mail'),
  logon(day * 24 + 10.2, 'lab', 'files', as('bob@x')),
  logon(day * 24 + 10.3, 'lab', 'print', as('bob@x')),
  logon(day * 24 + 10.4, 'desk', 'desk'),
  logon(day * 24 + 10.5, 'till', 'shop', as('pc7$@x')),
]).flat();
const lately: AuthEvent[] = [
  ...['n1', 'n2', 'n3', 'n4', 'n5'].map((to) => logon(NOW - 0.5, 'rover', to, as('eve@x'))),
  ...[1, 2, 3].map(() => logon(NOW - 0.4, 'rover', 'n1', { ...as('eve@x'), success: false })),
  ...['d1', 'd2', 'd3'].map((from) => logon(NOW - 0.3, from, 'n1', as('tom@x'))),
  logon(NOW - 0.2, 'desk', 'lab', as('tom@x')),
];
const usual = logon(NOW, 'desk', 'files');
const rover = logon(NOW, 'rover', 'files', as('eve@x'));

type Case = [name: FeatureName, than: AuthEvent, event: AuthEvent, sentence: string];

/** One event above the usual one in the named feature, and the sentence an analyst must then read. */
const HIGH: Case[] = [
  ['edgeNew', usual, logon(NOW, 'desk', 'print'), 'this source never reached this destination before'],
  [
    'accountDestinationNew',
    usual,
    logon(NOW, 'desk', 'print'),
    'the account was never used at this destination before',
  ],
  [
    'accountSourceNew',
    usual,
    logon(NOW, 'lab', 'files'),
    'the account was never used from this source before',
  ],
  [
    'edgeAge',
    usual,
    logon(NOW + 90, 'desk', 'files'),
    'this source has not reached this destination for long or ever',
  ],
  [
    'accountDestinationAge',
    usual,
    logon(NOW + 90, 'desk', 'files'),
    'the account has not been used at this destination for long or ever',
  ],
  [
    'accountSourceAge',
    usual,
    logon(NOW + 90, 'desk', 'files'),
    'the account has not been used from this source for long or ever',
  ],
  ['edgeTotal', logon(NOW, 'desk', 'lab'), usual, 'this pair of hosts talks unusually often'],
  [
    'accountDestinationTotal',
    logon(NOW, 'desk', 'lab', as('tom@x')),
    usual,
    'the account is used at this destination unusually often',
  ],
  [
    'accountSourceTotal',
    logon(NOW, 'desk', 'lab', as('tom@x')),
    usual,
    'the account is used from this source unusually often',
  ],
  ['accountTotal', logon(NOW, 'desk', 'files', as('tom@x')), usual, 'the account is unusually active'],
  ['accountFanRecent', usual, rover, 'the account reached many destinations within an hour'],
  ['accountDestinations', usual, rover, 'the account has many destinations'],
  ['sourceFanRecent', usual, rover, 'the source reached many destinations within an hour'],
  ['sourceDestinations', usual, rover, 'the source has many destinations'],
  ['accountNewBurst', usual, rover, 'the account has just reached destinations for the first time'],
  ['sourceNewBurst', usual, rover, 'the source has just reached destinations for the first time'],
  [
    'accountNewSources',
    usual,
    logon(NOW, 'desk', 'files', as('tom@x')),
    'the account has just come from new sources',
  ],
  [
    'pivot',
    usual,
    logon(NOW, 'lab', 'files', as('bob@x')),
    'somebody has just come to the source host by a way never seen before',
  ],
  ['destinationSources', usual, logon(NOW, 'desk', 'n1'), 'many hosts come to this destination'],
  ['destinationAccounts', logon(NOW, 'desk', 'print'), usual, 'many accounts are used at this destination'],
  ['sourceArrivals', usual, logon(NOW, 'n1', 'files'), 'many hosts come to the source host'],
  ['accountFailures', usual, rover, 'the account has just failed repeatedly'],
  ['sourceFailures', usual, rover, 'logons from the source have just failed repeatedly'],
  ['failed', usual, { ...usual, success: false }, 'the logon failed'],
  [
    'hourSurprise',
    usual,
    logon(NOW - 8 + 24, 'desk', 'files'),
    'the account is rarely used at this time of day',
  ],
  [
    'kindSurpriseAccount',
    usual,
    { ...usual, logonType: 'Batch' },
    'the account does not usually log on in this way',
  ],
  [
    'kindSurpriseDestination',
    usual,
    { ...usual, logonType: 'Batch' },
    'this destination is not usually logged on to in this way',
  ],
  ['kindRarity', usual, { ...usual, logonType: 'Batch' }, 'this way of logging on is rare here'],
  [
    'degreeRarity',
    logon(NOW, 'desk', 'print'),
    logon(NOW, 'till', 'shop'),
    'the pair of hosts talks more than their activity explains',
  ],
  [
    'automatic',
    usual,
    logon(NOW, 'desk', 'files', as('pc7$@x')),
    'the account belongs to a machine or the system',
  ],
  ['accountsDiffer', usual, { ...usual, srcAccount: 'bob@x' }, 'one account uses the credentials of another'],
  ['ntlm', usual, { ...usual, protocol: 'NTLM' }, 'the protocol is NTLM'],
  ['handsOn', usual, { ...usual, logonType: 'Interactive' }, 'the logon type is interactive'],
  ['ticket', usual, { ...usual, action: 'TGS' }, 'a Kerberos ticket was asked for'],
];

/** The same below the usual one. */
const LOW: Case[] = [
  ['edgeTotal', usual, logon(NOW, 'desk', 'lab'), 'this pair of hosts hardly ever talks'],
  [
    'accountDestinationTotal',
    usual,
    logon(NOW, 'desk', 'print'),
    'the account is hardly ever used at this destination',
  ],
  [
    'accountSourceTotal',
    usual,
    logon(NOW, 'lab', 'files'),
    'the account is hardly ever used from this source',
  ],
  ['accountTotal', usual, logon(NOW, 'desk', 'files', as('tom@x')), 'the account is hardly ever used'],
  ['accountDestinations', rover, usual, 'the account usually has few destinations'],
  ['sourceDestinations', rover, usual, 'the source usually has few destinations'],
  ['destinationSources', usual, logon(NOW, 'desk', 'print'), 'few hosts come to this destination'],
  ['destinationAccounts', usual, logon(NOW, 'desk', 'print'), 'few accounts are used at this destination'],
  ['sourceArrivals', logon(NOW, 'n1', 'files'), usual, 'the source host is rarely a destination itself'],
  [
    'degreeRarity',
    logon(NOW, 'till', 'shop'),
    logon(NOW, 'desk', 'print'),
    'the pair of hosts talks less than their activity explains',
  ],
  [
    'neighbourOverlap',
    usual,
    logon(NOW, 'desk', 'shop'),
    'hosts that use this destination have little in common with the source',
  ],
  ['local', logon(NOW, 'desk', 'desk'), usual, 'the logon is remote'],
  [
    'automatic',
    logon(NOW, 'desk', 'files', as('pc7$@x')),
    usual,
    'the account belongs to a person or service',
  ],
];

const extractor = new FeatureExtractor();
for (const event of [...everyDay, ...lately]) extractor.push(event);
const architecture = edgeScorer({ features: 'edge-v1', hidden: 1 });

/** Weights of a model that reads one feature and nothing else; its logit rises (or falls) with the feature. */
function readsOnly(name: FeatureName, sign: 1 | -1): Float32Array {
  const weights = new Float32Array(weightCount(architecture));
  const at = Object.fromEntries(tensorPlaces(architecture).map((tensor) => [tensor.name, tensor.offset]));
  weights[(at['W1'] ?? NaN) + EDGE_V1.findIndex((feature) => feature.name === name)] = 1;
  // No feature is below -4, so the unit is never cut off.
  weights[at['b1'] ?? NaN] = 10;
  weights[at['W2'] ?? NaN] = sign;
  return weights;
}

describe('reasons of an alert', () => {
  test.each(HIGH)('%s above the usual is said in its own words', (name, than, event, sentence) => {
    const before = extractor.peek(than).slice();
    const row = extractor.peek(event).slice();
    expect(row[AT[name]]).toBeGreaterThan(before[AT[name]] ?? NaN);
    const only = before.with(AT[name], row[AT[name]] ?? NaN);
    expect(reasonsOf(architecture, readsOnly(name, 1), only, before)).toEqual([sentence]);
    expect(reasonsOf(architecture, readsOnly(name, 1), row, before)).toEqual([sentence]);
  });

  test.each(LOW)('%s below the usual is said in its own words', (name, than, event, sentence) => {
    const before = extractor.peek(than).slice();
    const row = extractor.peek(event).slice();
    expect(row[AT[name]]).toBeLessThan(before[AT[name]] ?? NaN);
    const only = before.with(AT[name], row[AT[name]] ?? NaN);
    expect(reasonsOf(architecture, readsOnly(name, -1), only, before)).toEqual([sentence]);
    expect(reasonsOf(architecture, readsOnly(name, -1), row, before)).toEqual([sentence]);
  });

  test.each([
    ['local', 1],
    ['local', -1],
    ['edgeNew', 1],
    ['edgeAge', 1],
    ['edgeTotal', -1],
    ['edgeTotal', 1],
    ['degreeRarity', -1],
    ['degreeRarity', 1],
    ['neighbourOverlap', -1],
  ] as const)('a local logon is neither remote nor between a pair of hosts (%s, %i)', (name, sign) => {
    const row = extractor.peek(logon(NOW, 'mkt01', 'mkt01')).slice();
    expect(row[AT.local]).toBe(1);
    // A mean of ones in single precision may end up above one, and everything else on either side of the event's.
    for (const by of [-0.5, 1e-6, 0.5]) {
      const before = row.map((value) => value + by);
      expect(reasonsOf(architecture, readsOnly(name, sign), row, before)).toEqual([]);
    }
  });

  test('a flag that is not set, an age of minutes and an overlap that is not known give no sentence', () => {
    const row = extractor.peek(logon(NOW, 'desk', 'files')).slice();
    const said = (name: FeatureName, sign: 1 | -1, value: number, mean: number): string[] =>
      reasonsOf(architecture, readsOnly(name, sign), row.with(AT[name], value), row.with(AT[name], mean));
    expect(said('failed', 1, 0, -0.1)).toEqual([]);
    expect(said('edgeAge', 1, Math.log1p(0.2) / 2, 0)).toEqual([]);
    expect(said('neighbourOverlap', -1, 0.5, 0.9)).toEqual([]);
    expect(said('degreeRarity', -1, 0.2, 0.4)).toEqual([]);
    expect(said('local', -1, 0, 0.4)).toEqual(['the logon is remote']);
  });

  test('every sentence of the table is among these', () => {
    const named = (key: 'high' | 'low'): string[] =>
      Object.entries(SENTENCES).flatMap(([name, { [key]: words }]) => (words ? [`${name}: ${words}`] : []));
    const tested = (cases: Case[]): string[] => cases.map(([name, , , sentence]) => `${name}: ${sentence}`);
    expect(tested(HIGH).toSorted()).toEqual(named('high').toSorted());
    expect(tested(LOW).toSorted()).toEqual(named('low').toSorted());
  });
});
