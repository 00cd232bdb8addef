import type { ReaderContext, RecordReader } from '../format.ts';
import { ByteMap } from '../input/byte-map.ts';
import { Columns } from '../input/columns.ts';
import { isHeader, lineReader } from '../input/lines.ts';
import { MAX_PORT, transportOf } from '../input/transport.ts';

/** Where a table of flows has what, columns counted from 0. Time and duration are whole seconds. */
export interface FlowLayout {
  readonly names: readonly string[];
  readonly time: number;
  readonly duration: number;
  readonly srcHost: number;
  readonly srcPort: number;
  readonly dstHost: number;
  readonly dstPort: number;
  /** IANA protocol number. */
  readonly protocol: number;
  /** Columns that add up to the packets. */
  readonly packets: readonly number[];
  readonly bytesOut: number;
  readonly bytesIn: number | null;
  /** What stands before the number of a port that is anonymised; such a port becomes 0. */
  readonly anonymised: string;
}

/** Reader of a table of flows without quotes; a first line of the column names is passed over. */
export function flowReader(context: ReaderContext, layout: FlowLayout): RecordReader {
  const hosts = new ByteMap((text) => text.toLowerCase());
  const columns = new Columns(layout.names.length);
  const amounts = [layout.protocol, ...layout.packets, layout.bytesOut];
  if (layout.bytesIn !== null) amounts.push(layout.bytesIn);
  const badPort = `a port is neither a number up to ${MAX_PORT} nor ${layout.anonymised} and a number`;

  return lineReader(context, (buffer, start, end, line) => {
    if (line === 1 && isHeader(buffer, start, end, layout.names)) return null;
    const problem = columns.scan(buffer, start, end);
    if (problem !== null) return problem;
    const time = columns.milliseconds(layout.time);
    const durationMs = columns.milliseconds(layout.duration);
    if (time < 0 || durationMs < 0) return 'the time or the duration is not a number of seconds';
    for (const index of amounts) {
      if (columns.whole(index) < 0) return `column ${index + 1} is not a whole number`;
    }
    const srcPort = port(columns, layout.srcPort, layout.anonymised);
    const dstPort = port(columns, layout.dstPort, layout.anonymised);
    if (srcPort < 0 || dstPort < 0) return badPort;
    let packets = 0;
    for (const index of layout.packets) packets += columns.whole(index);
    context.emit({
      type: 'flow',
      time,
      srcHost: columns.of(hosts, layout.srcHost),
      dstHost: columns.of(hosts, layout.dstHost),
      srcPort,
      dstPort,
      transport: transportOf(columns.whole(layout.protocol)),
      image: '',
      service: '',
      operation: '',
      durationMs,
      bytesOut: columns.whole(layout.bytesOut),
      bytesIn: layout.bytesIn === null ? null : columns.whole(layout.bytesIn),
      packets,
      source: { dataset: context.dataset, record: line, uid: '' },
    });
    return null;
  });
}

function port(columns: Columns, index: number, anonymised: string): number {
  const number = columns.whole(index);
  if (number >= 0) return number > MAX_PORT ? -1 : number;
  return columns.startsWith(index, anonymised) && columns.whole(index, anonymised.length) >= 0 ? 0 : -1;
}
