import type { DayBuffer } from './day-buffer.ts';
import { KIND } from './kinds.ts';
import type { Random } from './random.ts';
import { DAY_SECONDS } from './rhythm.ts';
import { partnersOf, type Organisation, type World } from './world.ts';

/** Ordinary events that look like attacks, added to one day of one organisation. */
export function hardNegatives(
  world: World,
  org: Organisation,
  random: Random,
  day: number,
  out: DayBuffer,
): void {
  const weekday = day % 7;
  const at = (fromHour: number, hours: number): number =>
    day * DAY_SECONDS + Math.floor((fromHour + hours * random.unit()) * 3600);
  if (weekday === 2) scannerSweep(org, random, at(2, 2), out);
  if (weekday >= 5) return;
  passwordExpiry(org, random, at(8, 2), out);
  if (random.chance(0.5)) helpdeskTickets(org, random, at(9, 6), out);
  if (random.chance(0.35)) serverWork(org, random, at(18, 4), out);
  if (random.chance(0.12)) rollout(org, random, at(8, 10), out);
  if (random.chance(0.1)) deployment(org, random, at(9, 9), out);
  if (random.chance(0.1)) strayClient(org, random, at(7, 12), out);
  if (random.chance(0.25)) managedSweep(world, org, random, at(9, 8), out);
}

/** The vulnerability scanner tries a part of the network over NTLM; much of it fails. */
function scannerSweep(org: Organisation, random: Random, start: number, out: DayBuffer): void {
  const scanner = org.byRole.scanner[0] ?? org.hosts[0] ?? 0;
  let time = start;
  for (const dst of org.hosts) {
    // The same third every week, and a few others.
    if (dst === scanner || (dst % 3 !== 0 && !random.chance(0.01))) continue;
    time += random.between([0.5, 6]);
    out.add(time, org.scanner, org.scanner, scanner, dst, KIND.ntlm, !random.chance(0.25));
  }
}

/** Passwords expire: bursts of failures by people at their own desks, then success. */
function passwordExpiry(org: Organisation, random: Random, start: number, out: DayBuffer): void {
  const many = Math.ceil(org.users.length * 0.012);
  for (const user of random.sample(org.users, many)) {
    let time = start + random.exponential(900);
    const dst = user.servers[0] ?? user.home;
    const kind = random.chance(0.5) ? KIND.kerberos : KIND.ntlm;
    for (let tries = 2 + random.below(6); tries > 0; tries--) {
      out.add(time, user.account, user.account, user.home, dst, kind, false);
      time += random.between([1, 25]);
    }
    out.add(time, user.account, user.account, user.home, dst, kind, true);
  }
}

/** The help desk visits workstations that it may never have visited, by Remote Desktop rarely. */
function helpdeskTickets(org: Organisation, random: Random, start: number, out: DayBuffer): void {
  const helper = random.pick(org.helpdesk);
  let time = start;
  for (const dst of random.sample(org.workstations, 1 + random.below(3))) {
    if (dst === helper.home) continue;
    out.add(time, helper.account, helper.account, helper.home, dst, KIND.kerberos, true);
    if (random.chance(0.5))
      out.add(time + 2, helper.account, helper.account, helper.home, dst, KIND.ntlm, true);
    time += random.exponential(1800);
  }
}

/** An administrator patches many servers in one evening, from another desk now and then. */
function serverWork(org: Organisation, random: Random, start: number, out: DayBuffer): void {
  const admin = random.pick(org.admins);
  const src = random.chance(0.12) ? random.pick(org.workstations) : admin.home;
  const kind = random.chance(0.3) ? KIND.ntlm : KIND.kerberos;
  let time = start;
  for (const dst of random.sample(org.servers, 2 + random.below(8))) {
    if (dst === src) continue;
    out.add(time, admin.account, admin.account, src, dst, kind, true);
    time += random.exponential(240);
  }
}

/** New machines are handed out: one account, many workstations within minutes; looks like a passed hash. */
function rollout(org: Organisation, random: Random, start: number, out: DayBuffer): void {
  const worker = random.pick(random.chance(0.5) ? org.admins : org.helpdesk);
  const kind = random.chance(0.6) ? KIND.ntlm : KIND.kerberos;
  let time = start;
  for (const dst of random.sample(org.workstations, 3 + random.below(8))) {
    if (dst === worker.home) continue;
    out.add(time, worker.account, worker.account, worker.home, dst, kind, !random.chance(0.1));
    time += random.exponential(50);
  }
}

/** An application moves: its service account comes from a new server and reaches others; looks like a pivot. */
function deployment(org: Organisation, random: Random, start: number, out: DayBuffer): void {
  const { account } = random.pick(org.services);
  const src = random.pick(org.servers);
  let time = start;
  for (const dst of random.sample(org.servers, 2 + random.below(4))) {
    if (dst === src) continue;
    out.add(time, account, account, src, dst, random.chance(0.7) ? KIND.kerberos : KIND.ntlm, true);
    time += random.exponential(400);
  }
}

/** A program with an old password tries hosts that it finds in the browser list; looks like a worm. */
function strayClient(org: Organisation, random: Random, start: number, out: DayBuffer): void {
  const user = random.pick(org.users);
  let time = start;
  for (const dst of random.sample(org.hosts, 3 + random.below(6))) {
    if (dst === user.home) continue;
    out.add(time, user.account, user.account, user.home, dst, KIND.ntlm, random.chance(0.3));
    time += random.exponential(20);
  }
}

/** The managed service sweeps its customers' servers. */
function managedSweep(world: World, org: Organisation, random: Random, start: number, out: DayBuffer): void {
  if (!partnersOf(world, org.index).includes(world.provider)) return;
  const provider = world.organisations[world.provider];
  const jump = provider?.byRole.jump[0];
  if (jump === undefined) return;
  let time = start;
  for (const dst of random.sample(org.servers, 3 + random.below(6))) {
    out.add(time, world.managedAccount, world.managedAccount, jump, dst, KIND.kerberos, true);
    time += random.exponential(60);
  }
}
