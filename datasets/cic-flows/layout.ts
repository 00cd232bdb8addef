import type { FlowTable } from '../flow-table/read.ts';

/** A column by the names that versions of the flow meter give it. */
const NAMES = {
  time: ['timestamp'],
  srcHost: ['source ip', 'src ip'],
  srcPort: ['source port', 'src port'],
  dstHost: ['destination ip', 'dst ip'],
  dstPort: ['destination port', 'dst port'],
  protocol: ['protocol'],
  duration: ['flow duration'],
  packetsOut: ['total fwd packets', 'tot fwd pkts', 'total fwd packet'],
  packetsIn: ['total backward packets', 'tot bwd pkts', 'total bwd packets'],
  bytesOut: ['total length of fwd packets', 'totlen fwd pkts', 'total length of fwd packet'],
  bytesIn: ['total length of bwd packets', 'totlen bwd pkts', 'total length of bwd packet'],
} as const;

/** A table of CICFlowMeter and the column of its labels. */
export interface CicLayout {
  readonly table: FlowTable;
  readonly label: number | null;
}

/**
 * The layout that a line of column names tells, as `headerNames` gives them; null where they are not those of a flow
 * table of CICFlowMeter. Of a name that comes twice the first column counts.
 */
export function cicLayout(names: readonly string[]): CicLayout | null {
  const column = (wanted: readonly string[]): number | null => {
    const index = names.findIndex((name) => wanted.includes(name));
    return index < 0 ? null : index;
  };
  const duration = column(NAMES.duration);
  const packetsOut = column(NAMES.packetsOut);
  const packetsIn = column(NAMES.packetsIn);
  const bytesOut = column(NAMES.bytesOut);
  const bytesIn = column(NAMES.bytesIn);
  if (duration === null || packetsOut === null || packetsIn === null) return null;
  if (bytesOut === null || bytesIn === null) return null;
  const table: FlowTable = {
    names,
    time: column(NAMES.time),
    srcHost: column(NAMES.srcHost),
    srcPort: column(NAMES.srcPort),
    dstHost: column(NAMES.dstHost),
    dstPort: column(NAMES.dstPort),
    protocol: column(NAMES.protocol),
    service: null,
    duration,
    durationUnit: 1 / 1000,
    packetsOut,
    packetsIn,
    bytesOut,
    bytesIn,
  };
  return { table, label: column(['label']) };
}
