import type { Random } from '../random.ts';
import type { Trace } from '../life/trace.ts';
import type { HardNegative } from '../scenario/hard-negative-names.ts';
import type { Organisation, World } from '../world/world.ts';
import { deployment, strayClient } from './programs.ts';
import { scannerSweep } from './scanner.ts';
import { movedAddresses } from './shared-sources.ts';
import { helpDeskTickets, rollout, serverWork } from './staff.ts';
import { managedSweep } from './managed-service.ts';
import { passwordExpiry, runAs, terminalMorning } from './users.ts';

/** Where and when one occurrence happens, and where it leaves its events. */
export interface Scene {
  readonly world: World;
  readonly org: Organisation;
  readonly random: Random;
  readonly trace: Trace;
  /** Second of the day at which it begins. */
  readonly start: number;
}

interface Kind {
  readonly name: HardNegative;
  /** Occurrences on a day: of an organisation of 150 hosts, or of each whatever its size. */
  readonly rate: number;
  readonly each?: true;
  /** Weekdays, 0 is Monday. */
  readonly from: number;
  readonly to: number;
  /** Hours of the day between which it begins. */
  readonly hours: readonly [number, number];
  readonly happen: (scene: Scene) => void;
}

const WEEK = { from: 0, to: 4 } as const;
const KINDS: readonly Kind[] = [
  { name: 'scanners', rate: 1, each: true, from: 2, to: 2, hours: [2, 4], happen: scannerSweep },
  { name: 'passwordExpiry', rate: 2, ...WEEK, hours: [8, 10], happen: passwordExpiry },
  { name: 'helpDesk', rate: 0.5, ...WEEK, hours: [9, 15], happen: helpDeskTickets },
  { name: 'administrators', rate: 0.35, ...WEEK, hours: [18, 22], happen: serverWork },
  { name: 'rollouts', rate: 0.12, ...WEEK, hours: [8, 18], happen: rollout },
  { name: 'services', rate: 0.1, ...WEEK, hours: [9, 18], happen: deployment },
  { name: 'strayClients', rate: 0.1, ...WEEK, hours: [7, 19], happen: strayClient },
  { name: 'managedService', rate: 0.2, ...WEEK, hours: [9, 17], happen: managedSweep },
  { name: 'runAs', rate: 0.6, ...WEEK, hours: [9, 17], happen: runAs },
  { name: 'terminalServers', rate: 0.2, ...WEEK, hours: [7, 10], happen: terminalMorning },
  { name: 'sharedSources', rate: 0.3, ...WEEK, hours: [8, 16], happen: movedAddresses },
];

const USUAL_SIZE = 150;

/** Ordinary events that look like attacks, of one day of one organisation. @param scales how often; 1 is the usual */
export function hardNegatives(
  scene: Omit<Scene, 'start'>,
  day: number,
  scales: Readonly<Record<HardNegative, number>>,
): void {
  const { org, random } = scene;
  const size = org.hosts.length / USUAL_SIZE;
  for (const { name, rate, each, from, to, hours, happen } of KINDS) {
    const weekday = day % 7;
    if (weekday < from || weekday > to) continue;
    const expected = rate * (each ? 1 : size) * scales[name];
    let times = Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0);
    for (; times > 0; times--) happen({ ...scene, start: random.between(hours) * 3600 });
  }
}
