import type { ReaderContext } from '../format.ts';
import { domainOf } from '../host-book.ts';
import type { Naming } from '../host-facts.ts';
import { LONGEST_NAME } from '../name-lengths.ts';
import type { WindowsRecord } from './record.ts';
import { SECURITY_EVENTS } from './security.ts';
import { reportedNames, SYSMON_EVENTS } from './sysmon.ts';

const SECURITY = 'security';
const SYSMON = 'microsoft-windows-sysmon/operational';

/** Whether a record with this id may become an event in any channel. */
export function isUsed(eventId: number): boolean {
  return SECURITY_EVENTS.has(eventId) || SYSMON_EVENTS.has(eventId);
}

/** Hosts whose facts and terms are remembered; beyond it they are told again. */
const MAX_RECORDERS = 100_000;

/** Turns the records of one file into events and facts, or counts them as not used. */
export class WindowsEmitter {
  readonly #context: ReaderContext;
  /** Hosts that have been told of, and the terms in which they speak. */
  readonly #recorders = new Map<string, Naming>();

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  /** @param number of the line or record in the file */
  emit(record: WindowsRecord, number: number): void {
    const context = this.#context;
    const sysmon = record.channel === SYSMON;
    const table = record.channel === SECURITY ? SECURITY_EVENTS : sysmon ? SYSMON_EVENTS : null;
    const map = table?.get(record.eventId);
    if (map === undefined) {
      context.ignore(String(record.eventId));
      return;
    }
    if (record.wall !== null) context.clock(record.wall, record.time);
    const naming = this.#naming(record);
    const { network } = naming;
    const event = map(
      record,
      (address, host) => context.learn({ type: 'address', time: record.time, address, host, network }),
      { dataset: context.dataset, record: number, uid: record.uid },
    );
    if (event.type === 'process') context.emit(event);
    else if (event.type === 'flow') context.emit(event, { network, ...reportedNames(record) });
    else context.emit(event, naming);
  }

  #naming({ host, time }: WindowsRecord): Naming {
    let naming = this.#recorders.get(host);
    if (naming === undefined) {
      naming = { network: domainOf(host) };
      if (this.#recorders.size >= MAX_RECORDERS) this.#recorders.clear();
      if (host.length <= LONGEST_NAME) this.#recorders.set(host, naming);
      this.#context.learn({ type: 'recorder', time, host });
    }
    return naming;
  }
}
