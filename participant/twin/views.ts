import {
  AUTH_PROTOCOLS,
  LOGON_TYPES,
  type AuthProtocol,
  type LogonType,
} from '../../protocol/events/canonical.ts';
import { isAutomatic } from '../features/event-kind.ts';
import { NETWORK, USE } from './columns.ts';
import { classOf, type EdgeStore, withClass } from './edge-store.ts';
import { EVENTS, FLAGS, type NodeStore, OWN } from './node-store.ts';
import { SERVICE_CLASSES, type ServiceClass } from './service-class.ts';
import type { TwinState } from './twin-state.ts';

interface Node {
  readonly name: string;
  /** Milliseconds, as events have it. */
  readonly first: number;
  readonly last: number;
  /** Events that this node took part in. */
  readonly events: number;
  /** The organisation's own by what it did, not only named by others. */
  readonly own: boolean;
}

export interface TwinHost extends Node {
  readonly kind: 'host';
  /** Programs started on it, by file name, in order of names; bounded, see ImageCounts. */
  readonly images: readonly (readonly [string, number])[];
}

export interface TwinAccount extends Node {
  readonly kind: 'account';
  /** Account of a machine or of the operating system. */
  readonly automatic: boolean;
}

/** All authentications between two nodes. */
export interface TwinUse {
  /** Account used at host, or source host -> destination host. */
  readonly kind: 'account-host' | 'host-host';
  readonly first: number;
  readonly last: number;
  readonly events: number;
  readonly failures: number;
  readonly protocols: Partial<Record<AuthProtocol, number>>;
  readonly logonTypes: readonly LogonType[];
  /** Processes that the account started at the host; 0 between hosts. */
  readonly processes: number;
  /** Detections from host to host; 0 for an account at a host. */
  readonly detections: number;
}

/** All connections of one class of service between two hosts. */
export interface TwinConnection {
  readonly kind: 'network';
  readonly service: ServiceClass;
  readonly first: number;
  readonly last: number;
  readonly flows: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
}

/** A host by its number, which must be in use. */
export function hostView(twin: TwinState, number: number): TwinHost {
  return { kind: 'host', ...node(twin.hosts, number), images: twin.images.of(number) };
}

/** An account by its number, which must be in use. */
export function accountView(twin: TwinState, number: number): TwinAccount {
  const common = node(twin.accounts, number);
  return { kind: 'account', ...common, automatic: isAutomatic(common.name) };
}

function node(store: NodeStore, number: number): Node {
  const { records } = store;
  return {
    name: store.name(number),
    first: records.first(number),
    last: records.last(number),
    events: records.get(number, EVENTS),
    own: (records.get(number, FLAGS) & OWN) !== 0,
  };
}

/** What a row of authentications says, in words of the events. */
export function useView(kind: TwinUse['kind'], { records }: EdgeStore, row: number): TwinUse {
  const protocols: Partial<Record<AuthProtocol, number>> = {};
  AUTH_PROTOCOLS.forEach((name, i) => {
    const count = records.get(row, USE.protocols + i);
    if (count > 0) protocols[name] = count;
  });
  const types = records.get(row, USE.logonTypes);
  const marks = records.get(row, USE.marks);
  return {
    kind,
    first: records.first(row),
    last: records.last(row),
    events: records.get(row, USE.events),
    failures: records.get(row, USE.failures),
    protocols,
    logonTypes: LOGON_TYPES.filter((_, i) => ((types >>> i) & 1) === 1),
    processes: kind === 'account-host' ? marks : 0,
    detections: kind === 'host-host' ? marks : 0,
  };
}

/** What a row of connections says. @param to second half of its key, which holds the class of service */
export function connectionView({ records }: EdgeStore, row: number, to: number): TwinConnection {
  const at = (row * NETWORK.width) / 2;
  return {
    kind: 'network',
    service: SERVICE_CLASSES[classOf(to)] ?? 'other',
    first: records.first(row),
    last: records.last(row),
    flows: records.get(row, NETWORK.flows),
    bytesOut: records.f64[at + NETWORK.bytesOut] ?? 0,
    bytesIn: records.f64[at + NETWORK.bytesIn] ?? 0,
  };
}

/** All connections from one host to another, a class of service each; none where a number is below 0. */
export function connectionsView(twin: TwinState, source: number, destination: number): TwinConnection[] {
  if (source < 0 || destination < 0) return [];
  return SERVICE_CLASSES.flatMap((_, kind) => {
    const to = withClass(destination, kind);
    const row = twin.networkEdges.find(source, to);
    return row < 0 ? [] : [connectionView(twin.networkEdges, row, to)];
  });
}
