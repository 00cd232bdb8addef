import type { FitRow } from './fit/report.ts';
import type { SimulateOptions } from './options.ts';

/** Changes whenever the same options give other bytes. */
export const SIMULATOR_VERSION = 2;

/** One organisation as `simulation.json` names it. */
export interface SimulatedOrganisation {
  readonly name: string;
  readonly domain: string;
  readonly hosts: number;
  readonly accounts: number;
  /** Its log's file name in its folder. */
  readonly log: string;
  readonly events: number;
  /** Rows of its `incidents.txt`. */
  readonly incidents: number;
  /** Tactics that it has labelled incidents of. */
  readonly knownTactics: readonly string[];
  /** Organisations whose networks trust it. */
  readonly trusts: readonly string[];
  /** Names of its hosts: events with another destination never stand in its log. */
  readonly hostNames: readonly string[];
  /** Names that logons come from and that are no hosts: a gateway, then the pool of addresses. */
  readonly sharedSources: readonly string[];
}

/** The content of `simulation.json`. */
export interface Simulation {
  readonly version: number;
  /** With the scenarios in full, so that the file says all that is needed to make the same again. */
  readonly options: Required<SimulateOptions>;
  /** Events before this second are for training, the others for testing. */
  readonly splitSeconds: number;
  readonly organisations: readonly SimulatedOrganisation[];
  readonly events: number;
  readonly maliciousEvents: number;
  readonly campaigns: { readonly train: number; readonly test: number };
  /** What was generated against what is published about LANL 2015. */
  readonly fit: readonly FitRow[];
}

/** Told after each day of each organisation. */
export interface SimulateProgress {
  readonly organisation: string;
  /** Days done of this organisation, and in all. */
  readonly day: number;
  readonly days: number;
  /** Events written in all logs so far. */
  readonly events: number;
}
