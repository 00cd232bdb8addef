import { describe, expect, it } from 'vitest';
import { cleanAddress, domainOf, shortName } from '../../datasets/host-book.ts';
import { windowsJson } from '../../datasets/windows-json/format.ts';
import { referenceAccount, referenceRows, type ReferenceRow } from '../../test/mordor-reference.ts';
import { sharedData } from '../../test/shared-data.ts';
import { TwinGraph } from '../twin/twin-graph.ts';
import { readLanes } from './read-lanes.ts';
import { SitePipeline } from './site-pipeline.ts';

const mordor = sharedData('telemetry/mordor');
const list = sharedData('telemetry/mordor_auth_events.csv.gz');

const NOWHERE = new Set(['', '-', '::1', '127.0.0.1']);
const isRemote = ({ id, logonType, source }: ReferenceRow): boolean =>
  id === '4624' && ['3', '8', '10'].includes(logonType) && !NOWHERE.has(source);

/**
 * Hosts that an address belongs to, by the list alone: those in most of whose own connections it stands, and those
 * whose machine account logs on from it. By domain and address.
 */
function owners(rows: readonly ReferenceRow[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (host: string, address: string): void => {
    const key = `${domainOf(host)} ${address}`;
    found.set(key, (found.get(key) ?? new Set<string>()).add(host));
  };
  const ends = (row: ReferenceRow): string[] => [cleanAddress(row.source), cleanAddress(row.logonType)];
  for (const [host, own] of Map.groupBy(
    rows.filter(({ id }) => id === 'S3'),
    (row) => row.host,
  )) {
    for (const v6 of [false, true]) {
      const flows = own.map(ends).filter(([from = '']) => from.includes(':') === v6);
      for (const address of new Set(flows.flat()))
        if (flows.filter((pair) => pair.includes(address)).length > flows.length / 2) add(host, address);
    }
  }
  const machines = new Set(rows.map(({ host }) => host));
  for (const row of rows.filter(isRemote)) {
    if (!row.targetUser.endsWith('$')) continue;
    const short = row.targetUser.toLowerCase().slice(0, -1);
    const full = `${short}.${domainOf(row.host)}`;
    const key = `${domainOf(row.host)} ${cleanAddress(row.source)}`;
    found.set(key, (found.get(key) ?? new Set<string>()).add(machines.has(full) ? full : short));
  }
  return found;
}

describe.skipIf(mordor === null || list === null)(
  'the twin of the Mordor recordings (needs shared data)',
  () => {
    it('has every remote logon of the reference list, from its source to its host', async () => {
      const twin = new TwinGraph();
      const pipeline = new SitePipeline({ twin, learner: { add: () => undefined } });
      const now = Date.UTC(2030, 0);
      const stats = await readLanes(mordor ?? '', (item) => pipeline.take(item), {
        now,
        formats: [windowsJson],
      });
      expect(stats.files).toHaveLength(68);

      const rows = referenceRows(list ?? '');
      const remote = rows.filter(isRemote);
      const owned = owners(rows);
      const within = (use: { first: number; last: number } | null, time: number): boolean =>
        use !== null && use.first <= time && time <= use.last;
      const missing: string[] = [];
      const found = { named: 0, itself: 0, short: 0, address: 0 };
      for (const row of remote) {
        const use = twin.accountAt(referenceAccount(row), row.host);
        const address = cleanAddress(row.source);
        const names = owned.get(`${domainOf(row.host)} ${address}`) ?? new Set<string>();
        const at = (from: string): boolean => within(twin.hostTo(from, row.host), row.time);
        if (!within(use, row.time) || use?.logonTypes.includes('Network') !== true)
          missing.push(`account ${row.host}`);
        else if (names.has(row.host)) found.itself++;
        else if ([...names].some(at)) found.named++;
        else if ([...names].some((name) => at(shortName(name)))) found.short++;
        else if (at(address)) found.address++;
        else missing.push(`${[...names].join(' ')} ${address} -> ${row.host}`);
      }
      expect(missing).toEqual([]);
      expect(remote).toHaveLength(242);
      // A controller's own services log on to it by its own addresses. Of two sources nobody had said more by then.
      expect(found).toEqual({ named: 130, itself: 110, short: 1, address: 1 });
    }, 120_000);
  },
);
