import { KIND } from '../kinds.ts';
import type { Random } from '../random.ts';
import type { Organisation, World } from '../world.ts';

/** The two periods of a simulation; parameters of attacks differ between them. */
export type Phase = 'train' | 'test';
type Range = readonly [number, number];

/** Ranges from which one campaign's parameters are drawn; those of the test period differ from those of training. */
export interface TacticRanges {
  /** Hosts reached in each organisation. */
  readonly targets: Range;
  /** Seconds between steps. */
  readonly gap: Range;
  /** Hours between arriving in one organisation and going on to the next. */
  readonly dwell: Range;
}

/** An intruder's authentication. Time in seconds; account, source and destination are numbers in the world's lists. */
export interface MaliciousEvent {
  readonly time: number;
  readonly account: number;
  readonly src: number;
  readonly dst: number;
  readonly kind: number;
  readonly success: boolean;
  readonly step: StepName;
  readonly technique: string;
}

/** Steps of the kill chain. */
export type StepName = 'entry' | 'theft' | 'reuse' | 'pivot';

/** A step of the true kill chain; steps that leave no authentication event are told apart by `logged`. */
export interface ChainStep {
  readonly time: number;
  readonly step: StepName;
  readonly technique: string;
  readonly organisation: number;
  readonly src: number;
  readonly dst: number;
  readonly account: number;
  readonly logged: boolean;
}

/** How a tactic moves inside one organisation, from a foothold host. */
export interface Tactic {
  readonly name: string;
  readonly title: string;
  readonly ranges: Readonly<Record<Phase, TacticRanges>>;
  /** Works from the provider's network on all organisations of its path, with no pivot between them. */
  readonly central?: boolean;
  /** Hours of the day at which it begins. */
  readonly hours: Range;
  /** The account that is stolen at the foothold. */
  steal(attack: Attack, org: Organisation): number;
  spread(attack: Attack, org: Organisation, foothold: number, account: number): void;
}

/** One campaign while it is being played: a clock, a random stream, and the trace it leaves. */
export class Attack {
  readonly world: World;
  readonly random: Random;
  readonly ranges: TacticRanges;
  readonly events: MaliciousEvent[] = [];
  readonly steps: ChainStep[] = [];
  /** Hosts under the intruder's control in the present organisation. */
  held: number[] = [];
  time: number;
  private readonly end: number;

  constructor(world: World, random: Random, ranges: TacticRanges, start: number, end: number) {
    this.world = world;
    this.random = random;
    this.ranges = ranges;
    this.time = start;
    this.end = end;
  }

  /** Lets a drawn gap pass. */
  wait(): void {
    this.time += this.random.between(this.ranges.gap);
  }

  get over(): boolean {
    return this.time >= this.end;
  }

  /** A logon by the intruder; it becomes a row of the log, of the labels and of the kill chain. */
  logon(
    step: StepName,
    technique: string,
    account: number,
    src: number,
    dst: number,
    kind: number,
    ok = true,
  ): void {
    if (this.over) return;
    const time = Math.floor(this.time);
    this.events.push({ time, account, src, dst, kind, success: ok, step, technique });
    const organisation = this.world.hostOwner[dst] ?? 0;
    this.steps.push({ time, step, technique, organisation, src, dst, account, logged: true });
    if (ok && !this.held.includes(dst)) this.held.push(dst);
  }

  /** A Kerberos logon with its service ticket. */
  kerberos(step: StepName, technique: string, account: number, src: number, dst: number): void {
    if (this.over) return;
    const time = Math.floor(this.time);
    this.events.push({ time, account, src, dst, kind: KIND.tgs, success: true, step, technique });
    this.logon(step, technique, account, src, dst, KIND.kerberos);
  }

  /** A step that leaves no authentication event. */
  silent(step: StepName, technique: string, organisation: number, host: number, account: number): void {
    if (this.over) return;
    const time = Math.floor(this.time);
    this.steps.push({ time, step, technique, organisation, src: host, dst: host, account, logged: false });
  }
}
