import type { CanonicalEvent } from '../protocol/events/canonical.ts';

/** A host that records events itself: its full name is known wherever its short name is used. */
export interface RecorderFact {
  readonly type: 'recorder';
  /** Event time of the record that tells it, milliseconds. */
  readonly time: number;
  /** Lower-case, fully qualified where the source says so. */
  readonly host: string;
}

/** Whose an address is, from `time` on and until something else is told of it. */
export interface AddressFact {
  readonly type: 'address';
  readonly time: number;
  /** As `cleanAddress` spells it. */
  readonly address: string;
  /** Lower-case name of the host, short or full. */
  readonly host: string;
  /** The DNS domain in which this holds: separate networks use the same private addresses. '' where it is not known. */
  readonly network: string;
}

/** What a reader learns of names and addresses beside the events. */
export type HostFact = RecorderFact | AddressFact;

/** In whose terms an event names its hosts. An event that comes without it has final names. */
export interface Naming {
  /** DNS domain whose short names and addresses the event uses; '' where it is not known. */
  readonly network: string;
  /** A name that the source reports for the address in `srcHost`; used where nothing better is known of the address. */
  readonly srcName?: string;
  /** The same for `dstHost`. */
  readonly dstName?: string;
}

/** An event that may still name hosts by address or short name. */
export interface UnresolvedEvent {
  readonly type: 'unresolved';
  readonly event: CanonicalEvent;
  readonly naming: Naming;
}

/** What a reader tells, in the order in which it reads it: events with final names, events without, facts. */
export type StreamItem = CanonicalEvent | UnresolvedEvent | HostFact;
