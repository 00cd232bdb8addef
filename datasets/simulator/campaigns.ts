import { KIND } from './kinds.ts';
import type { SimulateOptions } from './options.ts';
import { Random } from './random.ts';
import { DAY_SECONDS } from './rhythm.ts';
import { Attack, type ChainStep, type MaliciousEvent, type Phase, type Tactic } from './tactics/attack.ts';
import { LABELLED_TACTICS, TACTICS, UNLABELLED_TACTICS } from './tactics/index.ts';
import { partnersOf, type Organisation, type World } from './world.ts';

/** One attack as it was played. Organisations are their numbers in the world. */
export interface Campaign {
  readonly id: string;
  readonly tactic: string;
  readonly phase: Phase;
  /** Organisations in the order in which they are entered. */
  readonly path: readonly number[];
  /** Organisations that have labelled their part as an incident. */
  readonly knownTo: readonly number[];
  readonly events: readonly MaliciousEvent[];
  readonly steps: readonly ChainStep[];
}

/** Incidents of one tactic that an organisation has lived through before the test period. */
const INCIDENTS_EACH = 2;
const TEST_CAMPAIGNS_PER_TACTIC = 3;

/**
 * Which tactics each organisation has labelled incidents of: three for the largest, two for the upper half, one for
 * the others, none for the smallest quarter (at least one organisation of three or more), so that all labelled
 * tactics are known to somebody and none to everybody.
 */
export function knownTactics(orgs: number): string[][] {
  const none = orgs >= 3 ? Math.max(1, Math.floor(orgs / 4)) : 0;
  let next = 0;
  return Array.from({ length: orgs }, (_, rank) => {
    if (rank >= orgs - none) return [];
    const count = rank === 0 ? (orgs === 1 ? 4 : 3) : rank < orgs / 2 ? 2 : 1;
    return Array.from({ length: count }, () => {
      // The provider cannot be its own customer.
      if (rank === 0 && LABELLED_TACTICS[next % LABELLED_TACTICS.length]?.name === 'managed-service') next++;
      return LABELLED_TACTICS[next++ % LABELLED_TACTICS.length]?.name ?? '';
    });
  });
}

/** Plays all campaigns: the incidents of the training period and, with other parameters, those of the test. */
export function playCampaigns(world: World, options: Required<SimulateOptions>): Campaign[] {
  const random = new Random(options.seed, 'campaigns');
  const known = knownTactics(options.orgs);
  const split = options.trainDays * DAY_SECONDS;
  const end = options.days * DAY_SECONDS;
  const campaigns: Campaign[] = [];

  const play = (tactic: Tactic, phase: Phase, path: number[], slot: number, slots: number): void => {
    const from = phase === 'train' ? 0 : split;
    const to = phase === 'train' ? split : end;
    // The first tenth of training stays quiet, so that there is a history; the last sixth leaves room to finish.
    const quiet = phase === 'train' ? 0.1 : 0;
    const slotStart = from + (to - from) * (quiet + (0.84 - quiet) * ((slot + random.unit()) / slots));
    const id = `campaign-${String(campaigns.length + 1).padStart(2, '0')}`;
    let attack: Attack;
    let touched: number[];
    let at = slotStart;
    // Begun too late, a campaign would end with the period before it has crossed into a second organisation.
    for (let tries = 0; ; tries++) {
      const start = Math.floor(at / DAY_SECONDS) * DAY_SECONDS + random.between(tactic.hours) * 3600;
      attack = new Attack(
        world,
        random,
        tactic.ranges[phase],
        Math.max(from, Math.min(start, to - 7200)),
        to,
      );
      playPath(attack, tactic, path);
      const reached = new Set(attack.events.map((event) => world.hostOwner[event.dst]));
      touched = path.filter((org) => reached.has(org));
      if (tries === 5 || touched.length >= Math.min(2, path.length)) break;
      at = from + (at - from) * 0.6;
    }
    const knownTo = phase === 'train' ? path.filter((org) => known[org]?.includes(tactic.name)) : [];
    const { events, steps } = attack;
    campaigns.push({ id, tactic: tactic.name, phase, path: touched, knownTo, events, steps });
  };

  const training: { tactic: Tactic; path: number[] }[] = [];
  for (const [org, names] of known.entries()) {
    for (const tactic of LABELLED_TACTICS.filter(({ name }) => names.includes(name))) {
      for (let i = 0; i < INCIDENTS_EACH; i++) {
        const neighbours = partnersOf(world, org);
        const onward = neighbours.length > 0 && random.chance(0.3) ? [random.pick(neighbours)] : [];
        training.push({ tactic, path: [org, ...onward] });
      }
    }
  }
  for (const tactic of UNLABELLED_TACTICS) training.push({ tactic, path: [random.below(options.orgs)] });
  for (const [slot, { tactic, path }] of random.sample(training, training.length).entries()) {
    play(tactic, 'train', path, slot, training.length);
  }

  const tests = Array.from(
    { length: Math.max(TACTICS.length * TEST_CAMPAIGNS_PER_TACTIC, 2 * options.orgs) },
    (_, i) => TACTICS[i % TACTICS.length],
  );
  for (const [slot, tactic] of random.sample(tests, tests.length).entries()) {
    if (tactic) play(tactic, 'test', walk(world, random, tactic, slot), slot, tests.length);
  }
  return campaigns;
}

/** A way of two to four organisations along trust links, beginning at each organisation in turn. */
function walk(world: World, random: Random, tactic: Tactic, turn: number): number[] {
  const orgs = world.organisations.length;
  if (tactic.name === 'managed-service') {
    const customers = partnersOf(world, world.provider);
    if (customers.length > 0) return random.sample(customers, Math.max(2, Math.ceil(customers.length * 0.7)));
  }
  const path = [turn % orgs];
  const length = Math.min(orgs, 2 + random.below(3));
  while (path.length < length) {
    const candidates = path.flatMap((org) => partnersOf(world, org)).filter((org) => !path.includes(org));
    if (candidates.length === 0) break;
    path.push(random.pick(candidates));
  }
  return path;
}

function playPath(attack: Attack, tactic: Tactic, path: readonly number[]): void {
  const { world, random } = attack;
  let here = world.organisations[tactic.central ? world.provider : (path[0] ?? 0)];
  if (!here) return;
  let foothold = random.pick(here.workstations);
  attack.silent('entry', 'T1566', here.index, foothold, world.machineAccount[foothold] ?? 0);
  for (const [stage, index] of path.entries()) {
    const org = world.organisations[index];
    if (!org) continue;
    if (stage > 0) {
      const arrived = attack.time + random.between(attack.ranges.dwell) * 3600;
      attack.time = arrived;
      if (!tactic.central) foothold = pivot(attack, here, org, foothold);
      attack.wait();
    }
    const account = tactic.steal(attack, org);
    attack.silent('theft', 'T1003', org.index, foothold, account);
    attack.held = [foothold];
    tactic.spread(attack, org, foothold, account);
    if (tactic.central) continue;
    foothold = random.pick(attack.held);
    here = org;
  }
}

/**
 * From one organisation into the next, over a trust link where there is one: with a partner's account, from a held
 * host, onto the exchange host; then on to a second host, so that the intruder has a place of its own.
 */
function pivot(attack: Attack, from: Organisation, to: Organisation, held: number): number {
  const { random } = attack;
  const account = random.pick(from.partners).account;
  const gate = random.pick(to.byRole.exchange);
  const kind = random.chance(0.5) ? KIND.ntlm : KIND.kerberos;
  attack.logon('pivot', 'T1199', account, held, gate, kind);
  // Half of the intruders go on working from the host that they hold outside.
  if (random.chance(0.5)) return held;
  attack.wait();
  const inside = random.pick(to.workstations);
  attack.logon('pivot', 'T1021', account, gate, inside, kind);
  return inside;
}
