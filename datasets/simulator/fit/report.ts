import { LOGON_CLASSES } from '../kinds.ts';
import { NOVEL_SHARE } from '../life/companions.ts';
import type { CheckedOptions } from '../options.ts';
import type { World } from '../world/world.ts';
import type { Counts } from './counts.ts';
import { gini, shareOfLargest } from './inequality.ts';
import { BUSIEST_ACCOUNTS, BUSIEST_HOSTS, type Figure, mixFact, PUBLISHED } from './published.ts';

/** One published figure and what was generated, shares of 0 to 1. */
export interface FitRow {
  readonly fact: string;
  /** A figure, or the two ends of a range. */
  readonly published: Figure;
  readonly generated: number;
  /** Relative to the published figure or the nearer end of the range; 0 inside of it. */
  readonly deviation: number;
  readonly verdict: 'fits' | 'outside' | 'not comparable';
  /** Why it is not comparable or does not fit; null where it fits. */
  readonly reason: string | null;
}

/** Greatest relative deviation that counts as a fit. */
export const FIT = 0.1;
const FEWEST = 10;
const FEWEST_NOVEL = 50;
const FEWEST_DAYS = 6;
const FEWEST_A_HOST = 20;
const FEWEST_ACCOUNTS = 3;

/** Sets what was generated against the published figures; speaks of ordinary events only. */
export function fitReport(world: World, options: CheckedOptions, counts: Counts): FitRow[] {
  const { logons, remote, events } = counts;
  const hosts = world.hostRole.flatMap((role, host) =>
    role === 'address' ? [] : [counts.byHost[host] ?? 0],
  );
  const why = reasons(world, options, counts);
  const scaled = Object.values(options.setting.hardNegatives).some((scale) => scale > 1);
  const row = (fact: string, published: Figure, generated: number, reason: string | null = null): FitRow => {
    const deviation = deviationOf(published, generated);
    const verdict = deviation <= FIT ? 'fits' : reason === null ? 'outside' : 'not comparable';
    const because =
      reason ?? (scaled ? 'a scenario has more of the hard negatives than usual' : 'unexplained');
    return { fact, published, generated, deviation, verdict, reason: verdict === 'fits' ? null : because };
  };
  const of = (name: keyof typeof PUBLISHED, generated: number, reason: string | null = null): FitRow =>
    row(PUBLISHED[name].fact, PUBLISHED[name].figure, generated, reason);
  return [
    ...LOGON_CLASSES.map(({ name, kind, remote: isRemote, share }) =>
      row(
        mixFact(name),
        share,
        (counts.classes[kind * 2 + (isRemote ? 1 : 0)] ?? 0) / logons,
        share * logons < FEWEST ? `fewer than ${FEWEST} are to be expected among so few logons` : null,
      ),
    ),
    of('failures', counts.failures / events),
    of('sameAccount', counts.sameAccount / events),
    of('sameHost', counts.sameHost / events),
    of('novel', counts.remoteLate === 0 ? 0 : counts.novelLate / counts.remoteLate, why.novel),
    of('gini', gini(Float64Array.from(hosts))),
    of('busiest', shareOfLargest(Float64Array.from(hosts), BUSIEST_HOSTS), why.busiest),
    of('accounts', shareOfLargest(Float64Array.from(counts.byAccount), BUSIEST_ACCOUNTS), why.accounts),
    of('machines', counts.byMachines / remote),
  ];
}

function reasons(
  world: World,
  options: CheckedOptions,
  { remoteLate }: Counts,
): { novel: string | null; busiest: string | null; accounts: string | null } {
  const { days, hosts, eventsTarget } = options;
  const core = world.organisations.reduce(
    (sum, { byRole }) => sum + byRole.dc.length + byRole.hub.length + byRole.portal.length,
    0,
  );
  const smallest = Math.min(...world.organisations.map((org) => org.hosts.length));
  return {
    novel:
      days < FEWEST_DAYS
        ? `fewer than ${FEWEST_DAYS} days: in so short a history most of what is usual is still new`
        : eventsTarget < FEWEST_A_HOST * hosts * days
          ? `fewer than ${FEWEST_A_HOST} events a host and day: what is usual is seen too rarely not to be new`
          : NOVEL_SHARE * remoteLate < FEWEST_NOVEL
            ? `fewer than ${FEWEST_NOVEL} are to be expected: chance alone makes more than a tenth`
            : days > smallest
              ? 'the smallest organisations run out of pairs in so many days'
              : null,
    busiest:
      core > hosts * BUSIEST_HOSTS * 1.1
        ? 'organisations so small that controllers, hubs and portals, which each of them needs, are more than 1 % of the hosts'
        : null,
    accounts:
      options.accounts < FEWEST_ACCOUNTS * hosts
        ? `fewer than ${FEWEST_ACCOUNTS} accounts a host where LANL has 4.6: fewer of them are idle`
        : null,
  };
}

function deviationOf(published: Figure, generated: number): number {
  const [low, high] = typeof published === 'number' ? [published, published] : published;
  if (generated < low) return (low - generated) / low;
  return generated > high ? (generated - high) / high : 0;
}
