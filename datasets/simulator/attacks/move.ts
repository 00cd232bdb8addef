import { DAY_SECONDS } from '../rhythm.ts';
import { ACCOUNT_GROUPS, HOST_GROUPS, type Move, STARTS } from '../scenario/move-schema.ts';
import type { LogonWay } from '../scenario/parts.ts';
import type { Organisation } from '../world/world.ts';
import type { Attack } from './attack.ts';
import { Bursts } from './bursts.ts';
import { accountOf, drawName, drawWeighted, homeOf, poolOf } from './choose.ts';

const NTLM: LogonWay = { via: 'ntlm' };
/** Of several accounts each next one is used this much less often. */
const NEXT_ACCOUNT = 0.97;

/** Plays one move inside an organisation: steals accounts, then goes from host to host. */
export function playMove(attack: Attack, move: Move, org: Organisation, foothold: number): void {
  const { random, parameters } = attack;
  if (move.theft) steal(attack, move.theft, org, foothold);
  const pool = poolOf(org, random, HOST_GROUPS, move.targets);
  const wanted = Math.max(1, Math.round(random.range(parameters.targets) * (move.share ?? 1)));
  const targets = order(attack, move, pool, wanted);
  const sources = footholds(attack, move, org, foothold);
  const bursts = move.bursts ? new Bursts(attack, move.bursts, targets.length) : null;
  let reached = foothold;
  for (const dst of targets) {
    if (bursts) bursts.next();
    else attack.wait();
    if (move.between) stayBetween(attack, move.between);
    const account = attack.accounts[pickAccount(attack)] ?? 0;
    const src = move.advance === undefined ? start(attack, move, org, sources, account) : reached;
    if (src === dst) continue;
    makeNoise(attack, org, account, src);
    const way = drawWeighted(random, move.logons);
    const ok = move.fails === undefined || !random.chance(move.fails);
    attack.logon('reuse', way.technique ?? move.technique, account, src, dst, way, ok);
    if (ok && move.advance !== undefined && random.chance(move.advance)) reached = dst;
  }
}

function steal(
  attack: Attack,
  { technique, account, accounts = 1 }: NonNullable<Move['theft']>,
  org: Organisation,
  foothold: number,
): void {
  const { world, random } = attack;
  const stolen = new Set<number>();
  for (let tries = 4 * accounts; stolen.size < accounts && tries > 0; tries--) {
    const group = drawName(random, ACCOUNT_GROUPS, account) ?? 'user';
    stolen.add(accountOf(world, org, random, group, foothold));
  }
  attack.accounts = [...stolen];
  attack.silent('theft', technique, org.index, foothold, attack.accounts[0] ?? 0);
}

/** Hosts in the order in which they are tried; with `visits` some of them many times. */
function order({ random }: Attack, move: Move, pool: readonly number[], wanted: number): number[] {
  if (move.again === true) return Array.from({ length: wanted }, () => random.pick(pool));
  const targets = random.sample(pool, wanted);
  if (move.visits === undefined || targets.length === 0) return targets;
  const more = Math.round(targets.length * (move.visits - 1));
  const again = Array.from(
    { length: more },
    () => targets[Math.floor(targets.length * random.unit() ** 2)] ?? 0,
  );
  return random.sample([...targets, ...again], targets.length + more);
}

/** The foothold, or several with their weights. */
function footholds(
  { random }: Attack,
  { sources = [1] }: Move,
  org: Organisation,
  foothold: number,
): { host: number; weight: number }[] {
  const others = random.sample(
    org.workstations.filter((host) => host !== foothold),
    sources.length - 1,
  );
  return [foothold, ...others].map((host, i) => ({ host, weight: sources[i] ?? 0 }));
}

function start(
  attack: Attack,
  move: Move,
  org: Organisation,
  sources: readonly { host: number; weight: number }[],
  account: number,
): number {
  const { random, world } = attack;
  const { host } = drawWeighted(random, sources);
  switch (drawName(random, STARTS, move.from ?? { foothold: 1 })) {
    case 'held':
      return random.pick(attack.held);
    case 'home':
      return homeOf(org, account) ?? host;
    case 'jump':
      return world.organisations[world.provider]?.byRole.jump[0] ?? host;
    default:
      return host;
  }
}

function pickAccount({ random, accounts }: Attack): number {
  if (accounts.length === 1) return 0;
  const drawn = Math.floor(Math.log(1 - random.unit()) / Math.log(NEXT_ACCOUNT));
  return drawn % accounts.length;
}

/** Attempts that fail, at hosts that the intruder knows nothing of. */
function makeNoise(attack: Attack, org: Organisation, account: number, src: number): void {
  const { random, parameters } = attack;
  if (!parameters.noise) return;
  const expected = random.between(parameters.noise);
  let attempts = Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0);
  for (; attempts > 0; attempts--) {
    attack.logon('discovery', 'T1018', account, src, random.pick(org.hosts), NTLM, false);
    attack.wait();
  }
}

/** Puts off what would happen outside of the hours to the next day's first of them. */
function stayBetween(attack: Attack, [from, to]: readonly [number, number]): void {
  const hour = (attack.time % DAY_SECONDS) / 3600;
  if (hour >= from && hour <= to) return;
  const day = Math.floor(attack.time / DAY_SECONDS) + (hour > to ? 1 : 0);
  const late = Math.min(to - from, 2.5);
  attack.time = day * DAY_SECONDS + (from + attack.random.unit() * late) * 3600;
}
