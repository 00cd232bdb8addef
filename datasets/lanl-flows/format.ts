import { shareOf, type Format } from '../format.ts';
import { flowReader, type FlowLayout } from './read.ts';

const FLOWS_2015: FlowLayout = {
  names: [
    'time',
    'duration',
    'source computer',
    'source port',
    'destination computer',
    'destination port',
    'protocol',
    'packet count',
    'byte count',
  ],
  time: 0,
  duration: 1,
  srcHost: 2,
  srcPort: 3,
  dstHost: 4,
  dstPort: 5,
  protocol: 6,
  packets: [7],
  bytesOut: 8,
  bytesIn: null,
  anonymised: 'N',
};

/**
 * LANL 2015 `flows.txt` (Kent 2015). Ports `N123` are anonymised. A row has one count of packets and one of bytes;
 * the bytes are taken as those from source to destination.
 */
export const lanlFlows: Format = {
  name: 'lanl-flows',
  title: 'LANL 2015 flows (flows.txt)',
  recognise: ({ lines }) =>
    shareOf(lines, (line) => /^\d+,\d+,[^,]+,N?\d+,[^,]+,N?\d+,\d+,\d+,\d+\s*$/.test(line)),
  open: (context) => flowReader(context, FLOWS_2015),
};

const NETFLOW_2017: FlowLayout = {
  names: [
    'Time',
    'Duration',
    'SrcDevice',
    'DstDevice',
    'Protocol',
    'SrcPort',
    'DstPort',
    'SrcPackets',
    'DstPackets',
    'SrcBytes',
    'DstBytes',
  ],
  time: 0,
  duration: 1,
  srcHost: 2,
  dstHost: 3,
  protocol: 4,
  srcPort: 5,
  dstPort: 6,
  packets: [7, 8],
  bytesOut: 9,
  bytesIn: 10,
  anonymised: 'Port',
};

const ROW_2017 = /^\d+,\d+,[^,]+,[^,]+,\d+,(?:Port)?\d+,(?:Port)?\d+,\d+,\d+,\d+,\d+\s*$/;

/** Network events of LANL 2017 (Turcotte, Kent and Hash 2018): flows of both directions. Ports `Port123` are anonymised. */
export const lanlNetflow: Format = {
  name: 'lanl-netflow',
  title: 'LANL 2017 network events (netflow)',
  recognise: ({ lines }) => shareOf(lines, (line) => ROW_2017.test(line)),
  open: (context) => flowReader(context, NETFLOW_2017),
};
