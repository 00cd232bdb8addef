import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../test/shared-data.ts';
import { LOGON_CLASSES } from '../kinds.ts';
import { gini, shareOfLargest } from './inequality.ts';
import { BUSIEST_ACCOUNTS, PUBLISHED } from './published.ts';

/** The block model as published: members of clusters, and counts by event type, user cluster and host cluster. */
interface BlockModel {
  readonly top: readonly Readonly<Record<string, number>>[];
  readonly bottom: readonly Readonly<Record<string, number>>[];
  readonly counts: Readonly<Record<string, readonly (readonly number[])[]>>;
}

const path = sharedData('telemetry/lanl2015/block_model_lanl.json.gz');

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const total = (matrix: readonly (readonly number[])[]): number => sum(matrix.map(sum));

describe.skipIf(path === null)('what is published of LANL 2015 (needs shared data)', () => {
  let model: BlockModel;
  /** Remote logons by user cluster and host cluster, each counted once, at its destination. */
  let remote: number[][];
  let logons: number;

  /** Each member of a cluster with the cluster's mean. */
  const spread = (counts: readonly number[], sizes: readonly number[]): Float64Array =>
    Float64Array.from(
      sizes.flatMap((size, i) => Array.from({ length: size }, () => (counts[i] ?? 0) / size)),
    );
  const count = (name: string): number => total(model.counts[name] ?? []);

  beforeAll(() => {
    model = JSON.parse(gunzipSync(readFileSync(path ?? '')).toString()) as BlockModel;
    const names = Object.keys(model.counts);
    const matrices = names.filter((name) => name.endsWith('-TO')).map((name) => model.counts[name] ?? []);
    remote = model.top.map((_, i) => model.bottom.map((__, j) => sum(matrices.map((m) => m[i]?.[j] ?? 0))));
    logons = sum(names.filter((name) => !name.endsWith('-FROM')).map(count));
  });

  it('is the mix of logons that the simulator has', () => {
    expect(model.top.map((cluster) => Object.keys(cluster).length).reduce((a, b) => a + b)).toBe(74_049);
    expect(logons).toBe(474_503_679);
    const counted = new Map<string, number>([
      ['remote Kerberos', count('Kerberos-Network-TO')],
      ['remote NTLM', count('NTLM-Network-TO')],
      ['local Service', count('Negotiate-Service-LOCAL')],
      ['local Kerberos', count('Kerberos-Network-LOCAL')],
      ['local NTLM', count('NTLM-Network-LOCAL')],
      ['Unlock', count('Negotiate-Unlock-LOCAL') + count('Negotiate-Unlock-TO')],
      ['Interactive', count('Negotiate-Interactive-LOCAL') + count('Negotiate-Interactive-TO')],
      ['NewCredentials', count('Negotiate-NewCredentials-LOCAL')],
      ['Batch', count('Negotiate-Batch-LOCAL')],
      [
        'NetworkCleartext',
        count('Negotiate-NetworkCleartext-LOCAL') + count('MSV_1_0-NetworkCleartext-LOCAL'),
      ],
      ['local Negotiate', count('Negotiate-Network-LOCAL')],
      ['remote MSV 1.0', count('MSV_1_0-Network-TO')],
      [
        'RemoteInteractive',
        count('Negotiate-RemoteInteractive-LOCAL') + count('Negotiate-RemoteInteractive-TO'),
      ],
      [
        'CachedInteractive',
        count('Negotiate-CachedInteractive-LOCAL') + count('Negotiate-CachedInteractive-TO'),
      ],
    ]);
    for (const { name, share } of LOGON_CLASSES)
      expect((counted.get(name) ?? 0) / logons / share, name).toBeCloseTo(1, 1);
    expect(sum([...counted.values()]) / logons).toBeGreaterThan(0.999);
  });

  it('is the concentration on few destinations and accounts', () => {
    const hostSizes = model.bottom.map((cluster) => Object.keys(cluster).length);
    const userSizes = model.top.map((cluster) => Object.keys(cluster).length);
    const byHost = spread(
      hostSizes.map((_, j) => sum(remote.map((row) => row[j] ?? 0))),
      hostSizes,
    );
    const byUser = spread(remote.map(sum), userSizes);
    expect(gini(byHost.slice())).toBeCloseTo(PUBLISHED.gini.figure, 3);
    expect(shareOfLargest(byHost, 0.0101)).toBeCloseTo(PUBLISHED.busiest.figure, 3);
    expect(shareOfLargest(byUser, BUSIEST_ACCOUNTS)).toBeCloseTo(PUBLISHED.accounts.figure, 2);
  });

  it('is the share of machine accounts, between their own clusters and those with the mixed one', () => {
    const [low, high] = PUBLISHED.machines.figure;
    const all = total(remote);
    const machines = model.top.map((cluster) => {
      const names = Object.keys(cluster);
      return names.filter((name) => name.includes('$@')).length / names.length;
    });
    const clusters = (least: number): number =>
      sum(remote.map((row, i) => ((machines[i] ?? 0) > least ? sum(row) : 0))) / all;
    expect(clusters(0.9)).toBeCloseTo(low, 2);
    expect(clusters(0.45)).toBeCloseTo(high, 2);
  });
});
