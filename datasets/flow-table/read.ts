import type { ReaderContext } from '../format.ts';
import { ByteMap } from '../input/byte-map.ts';
import { remember } from '../input/remember.ts';
import type { TableRow } from '../input/table.ts';
import { MAX_PORT, transportOf } from '../input/transport.ts';
import { implausibleTime } from '../time-text.ts';

/** Where a labelled table of flows has what: columns counted from 0, null for what it does not have. */
export interface FlowTable {
  readonly names: readonly string[];
  readonly time: number | null;
  readonly srcHost: number | null;
  readonly srcPort: number | null;
  readonly dstHost: number | null;
  readonly dstPort: number | null;
  readonly protocol: number | null;
  readonly service: number | null;
  readonly duration: number;
  /** Milliseconds of one unit of the duration. */
  readonly durationUnit: number;
  readonly packetsOut: number;
  readonly packetsIn: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
}

/** What a table says in words of its own. */
export interface FlowWords {
  /** Milliseconds since 1970 of a time as the table writes it, NaN where it is none. */
  time(text: string): number;
  /** The class of attack of a row; null for a row that is none. */
  attack(row: TableRow): string | null;
}

/** Makes a flow of each row, and a detection beside it where the row is labelled as an attack. */
export class FlowRows {
  private readonly context: ReaderContext;
  private readonly table: FlowTable;
  private readonly words: FlowWords;
  private readonly time: (text: string) => number;
  private readonly hosts = new ByteMap((text) => text.toLowerCase());
  private readonly terms = new ByteMap((text) => text);

  constructor(context: ReaderContext, table: FlowTable, words: FlowWords) {
    this.context = context;
    this.table = table;
    this.words = words;
    this.time = remember((text) => words.time(text));
    if (table.time === null) context.note('the rows have no times: all of them stand at 0');
    if (table.srcHost === null) context.note('the rows have no addresses: their hosts are empty');
  }

  /** Emits what a row says; returns null, or why it cannot be read. */
  read(row: TableRow, line: number): string | null {
    const { table, context } = this;
    if (row.empty()) {
      context.ignore('empty row');
      return null;
    }
    const time = table.time === null ? 0 : this.time(row.of(this.terms, table.time));
    if (implausibleTime(time)) return 'the time cannot be read, or is before 1970 or after 2199';
    const srcPort = this.port(row, table.srcPort);
    const dstPort = this.port(row, table.dstPort);
    if (srcPort < 0 || dstPort < 0) return `a port is not a number up to ${MAX_PORT}`;
    const duration = row.number(table.duration);
    const bytesOut = row.number(table.bytesOut);
    const bytesIn = row.number(table.bytesIn);
    const packetsOut = row.number(table.packetsOut);
    const packetsIn = row.number(table.packetsIn);
    const problem =
      this.problem(duration, table.duration) ??
      this.problem(bytesOut, table.bytesOut) ??
      this.problem(bytesIn, table.bytesIn) ??
      this.problem(packetsOut, table.packetsOut) ??
      this.problem(packetsIn, table.packetsIn);
    if (problem !== null) return problem;
    const source = { dataset: context.dataset, record: line, uid: '' };
    const srcHost = this.host(row, table.srcHost);
    const dstHost = this.host(row, table.dstHost);
    const out = notNegative(packetsOut);
    const back = notNegative(packetsIn);
    const label = this.words.attack(row);
    context.emit({
      type: 'flow',
      time,
      srcHost,
      dstHost,
      srcPort,
      dstPort,
      transport: this.transport(row),
      image: '',
      service: this.service(row),
      operation: '',
      durationMs: duration === null || duration < 0 ? null : duration * table.durationUnit,
      bytesOut: notNegative(bytesOut),
      bytesIn: notNegative(bytesIn),
      packets: out === null || back === null ? null : out + back,
      source,
    });
    if (label !== null) {
      context.emit({ type: 'detection', time, srcHost, dstHost, account: '', technique: '', label, source });
    }
    return null;
  }

  private host(row: TableRow, index: number | null): string {
    return index === null ? '' : row.of(this.hosts, index);
  }

  private service(row: TableRow): string {
    const name = this.host(row, this.table.service);
    return name === '-' ? '' : name;
  }

  private transport(row: TableRow): 'tcp' | 'udp' | 'other' {
    if (this.table.protocol === null) return 'other';
    const text = row.of(this.terms, this.table.protocol);
    const number = row.number(this.table.protocol);
    return transportOf(number === null || Number.isNaN(number) ? text : number);
  }

  /** Protocols without ports are written with `-`, or with hexadecimal numbers that are none. */
  private port(row: TableRow, index: number | null): number {
    if (index === null) return 0;
    const number = row.number(index);
    if (number === null) return 0;
    if (!Number.isNaN(number))
      return Number.isInteger(number) && number >= 0 && number <= MAX_PORT ? number : -1;
    const hexadecimal = /^0x([0-9a-f]{1,8})$/i.exec(row.text(index))?.[1];
    if (hexadecimal === undefined) return -1;
    const port = Number.parseInt(hexadecimal, 16);
    return port <= MAX_PORT ? port : 0;
  }

  private problem(value: number | null, index: number): string | null {
    return Number.isNaN(value) ? `${this.table.names[index]} is not a number` : null;
  }
}

/** Some flow meters count backwards: such an amount is none. */
function notNegative(value: number | null): number | null {
  return value !== null && value < 0 ? null : value;
}
