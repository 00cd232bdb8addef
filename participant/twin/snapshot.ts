/**
 * A twin as bytes and back. Nodes stand in order of their names and edges in order of their ends, so that a twin has one
 * encoding, in whatever order its events came.
 */
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { ACCOUNT, HOST, NETWORK, USE } from './columns.ts';
import { orderedEdges } from './edge-order.ts';
import { classOf, type EdgeStore, TO } from './edge-store.ts';
import { FLAGS, LONGEST_NAME, MACHINE, NAME_HASH, OWN, type NodeStore, SYSTEM } from './node-store.ts';
import { Decoder } from './decoder.ts';
import { PackedReader, PackedWriter } from './packed.ts';
import type { Records } from './records.ts';
import { SERVICE_CLASSES } from './service-class.ts';
import { MOST_TWIN_LIMITS, type TwinLimits, TwinState } from './twin-state.ts';

const KIND = 'twin';
/** Changes with every change of columns, of their meaning, or of the order of classes, protocols and logon types. */
const VERSION = 1;
/** Longest content: what one read of a file can take. */
const MOST_BYTES = 2 ** 31 - 1;
const MOST = Number.MAX_SAFE_INTEGER;

/** All of a twin but its feed. */
export function encodeTwin(twin: TwinState): Uint8Array {
  const out = new PackedWriter();
  const { limits, hosts, accounts, images } = twin;
  for (const name of limitNames()) out.whole(limits[name]);
  for (const count of twin.counts) out.whole(count);
  out.whole(twin.authentications);
  out.float(twin.first);
  out.float(twin.last);

  const hostOrder = encodeNodes(out, hosts, HOST.width);
  const accountOrder = encodeNodes(out, accounts, ACCOUNT.width);
  encodeEdges(out, twin.accountEdges, accountOrder, hostOrder, USE.width);
  encodeEdges(out, twin.hostEdges, hostOrder, hostOrder, USE.width);
  encodeEdges(out, twin.networkEdges, hostOrder, hostOrder, NETWORK.width);

  out.whole(images.most);
  for (const host of hostOrder) {
    const list = images.of(host);
    out.whole(list.length);
    for (const [file, count] of list) {
      out.text(file);
      out.whole(count);
    }
  }
  const writer = new SnapshotWriter(KIND, VERSION);
  writer.bytes(out.finish());
  return writer.finish();
}

/** @throws CordonError ENCODING_INVALID where the bytes are not a whole twin of this version */
export function decodeTwin(bytes: Uint8Array): TwinState {
  const snapshot = new SnapshotReader(bytes, KIND, VERSION);
  const packed = new Uint8Array(snapshot.bytes('twin', MOST_BYTES));
  snapshot.end();
  const from = new PackedReader(packed, (expected, got) => snapshot.invalid(expected, got));
  const limits = Object.fromEntries(
    limitNames().map((name) => [name, from.whole(`limit of ${name}`, MOST_TWIN_LIMITS[name], 1)]),
  ) as Record<keyof TwinLimits, number>;
  const twin = new TwinState(limits, null);
  twin.counts.forEach((_, i) => (twin.counts[i] = from.whole('events', MOST)));
  twin.authentications = from.whole('authentications', MOST);
  twin.first = from.float('first time');
  twin.last = from.float('last time');

  const decode = new Decoder(from, (expected, got) => snapshot.invalid(expected, got));
  const hosts = decode.nodes(twin.hosts, HOST.width, OWN);
  decode.nodes(twin.accounts, ACCOUNT.width, OWN | MACHINE | SYSTEM);
  decode.edges(twin.accountEdges, twin.accounts.size, hosts, 1, USE.width);
  decode.edges(twin.hostEdges, hosts, hosts, 1, USE.width);
  decode.edges(twin.networkEdges, hosts, hosts, SERVICE_CLASSES.length, NETWORK.width);

  twin.images.most = from.whole('images of a host', twin.images.most, 1);
  for (let host = 0; host < hosts; host++) {
    for (let left = from.whole('images', twin.images.most); left > 0; left--) {
      twin.images.set(host, from.text('image', LONGEST_NAME), from.whole('starts', MOST, 1));
    }
  }
  from.end();
  return twin;
}

function limitNames(): (keyof TwinLimits)[] {
  return ['hosts', 'accounts', 'accountEdges', 'hostEdges', 'networkEdges', 'images'];
}

/** @returns numbers of the nodes in the order in which they were written */
function encodeNodes(out: PackedWriter, store: NodeStore, width: number): Uint32Array {
  const order = store.sorted();
  out.whole(store.forgottenOwn);
  out.whole(store.forgottenOthers);
  out.whole(order.length);
  for (const number of order) {
    out.text(store.name(number));
    encodeRow(out, store.records, number, width);
  }
  return order;
}

/** Times, and all columns that do not follow from the key. */
function encodeRow(out: PackedWriter, records: Records, row: number, width: number): void {
  out.float(records.first(row));
  out.float(records.last(row));
  if (width === NETWORK.width) {
    const at = (row * width) / 2;
    out.whole(records.f64[at + NETWORK.bytesOut] ?? 0);
    out.whole(records.f64[at + NETWORK.bytesIn] ?? 0);
    out.whole(records.get(row, NETWORK.flows));
    return;
  }
  const node = width !== USE.width;
  for (let column = node ? FLAGS : USE.events; column < width; column++) {
    if (!node || column !== NAME_HASH) out.whole(records.get(row, column));
  }
}

function encodeEdges(
  out: PackedWriter,
  edges: EdgeStore,
  fromOrder: Uint32Array,
  toOrder: Uint32Array,
  width: number,
): void {
  const { records } = edges;
  const { rows, sources, targets } = orderedEdges(edges, fromOrder, toOrder);
  out.whole(edges.forgotten);
  out.whole(rows.length);
  let before = 0;
  rows.forEach((row, i) => {
    const source = sources[i] ?? 0;
    out.whole(source - before);
    before = source;
    out.whole((targets[i] ?? 0) * SERVICE_CLASSES.length + classOf(records.get(row, TO)));
    encodeRow(out, records, row, width);
  });
}
