import { KIND } from '../kinds.ts';
import type { Random } from '../random.ts';
import type { LogonWay } from '../scenario/parts.ts';
import type { Attack as Script } from '../scenario/schema.ts';
import type { World } from '../world/world.ts';
import type { LogonLimit } from './logon-limit.ts';

/** The two periods of a simulation; parameters of attacks differ between them. */
export type Phase = 'train' | 'test';

/** Ranges from which one campaign draws its numbers. */
export type Parameters = Script['train'];

/** Steps of the kill chain. */
export type StepName = 'entry' | 'theft' | 'discovery' | 'reuse' | 'pivot' | 'impact';

/** A row of the log by an intruder. Time in seconds; account, source and destination are numbers in the world's lists. */
export interface MaliciousEvent {
  readonly time: number;
  readonly account: number;
  readonly src: number;
  readonly dst: number;
  readonly kind: number;
  readonly success: boolean;
}

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

const WAY_KIND = {
  kerberos: KIND.kerberos,
  'kerberos-ticket': KIND.kerberos,
  ntlm: KIND.ntlm,
  'remote-desktop': KIND.remoteInteractive,
} as const;

/** One campaign while it is being played: a clock, a random stream, and the trace it leaves. */
export class Attack {
  readonly world: World;
  readonly random: Random;
  readonly parameters: Parameters;
  readonly events: MaliciousEvent[] = [];
  readonly steps: ChainStep[] = [];
  /** Hosts under the intruder's control in the present organisation, in the order in which they fell. */
  held: number[] = [];
  private readonly limit: LogonLimit;
  private readonly taken = new Set<number>();
  /** Accounts in use, the first most. */
  accounts: number[] = [];
  /** Seconds. */
  time: number;
  readonly end: number;

  constructor(
    world: World,
    random: Random,
    parameters: Parameters,
    [start, end]: readonly [number, number],
    limit: LogonLimit,
  ) {
    this.world = world;
    this.limit = limit;
    this.random = random;
    this.parameters = parameters;
    this.time = start;
    this.end = end;
  }

  /** Begins an organisation with one host. */
  hold(foothold: number): void {
    this.held = [foothold];
    this.taken.clear();
    this.taken.add(foothold);
  }

  /** Lets a drawn gap pass. */
  wait(): void {
    this.time += this.random.between(this.parameters.gapSeconds);
  }

  /** Lets a drawn dwell time pass. */
  dwell(): void {
    this.time += this.random.between(this.parameters.dwellHours) * 3600;
  }

  get over(): boolean {
    return this.time >= this.end;
  }

  /** A logon by the intruder; it becomes rows of the log, of the labels and of the kill chain. */
  logon(
    step: StepName,
    technique: string,
    account: number,
    src: number,
    dst: number,
    way: LogonWay,
    ok = true,
  ): void {
    // Counted even where the period is over, which bounds the time that a file can take as well.
    this.limit.take();
    if (this.over || src === dst) return;
    const time = Math.floor(this.time);
    if (way.via === 'kerberos-ticket' && ok)
      this.events.push({ time, account, src, dst, kind: KIND.tgs, success: true });
    this.events.push({ time, account, src, dst, kind: WAY_KIND[way.via], success: ok });
    const organisation = this.world.hostOwner[dst] ?? 0;
    this.steps.push({ time, step, technique, organisation, src, dst, account, logged: true });
    if (!ok) return;
    if (!this.taken.has(dst)) {
      this.taken.add(dst);
      this.held.push(dst);
    }
    if (way.desktop !== true) return;
    this.time += 2;
    this.logon(step, technique, account, src, dst, { via: 'remote-desktop' });
  }

  /** A step that leaves no authentication event. */
  silent(step: StepName, technique: string, organisation: number, host: number, account: number): void {
    if (this.over) return;
    const time = Math.floor(this.time);
    this.steps.push({ time, step, technique, organisation, src: host, dst: host, account, logged: false });
  }
}
