import type {
  CanonicalEvent,
  DetectionEvent,
  DnsEvent,
  NetworkFlow,
  ProcessEvent,
} from '../../protocol/events/canonical.ts';
import { applyAuth } from './apply-auth.ts';
import { ACCOUNT, HOST, NETWORK, sketchAdd, USE } from './columns.ts';
import { FLAGS, hashName, type NodeStore, OWN } from './node-store.ts';
import { isPrivateAddress } from './own-address.ts';
import { serviceClass } from './service-class.ts';
import type { TwinState } from './twin-state.ts';

/** Takes one event in. Of several orders of the same events every one gives the same state, as long as nothing is forgotten. */
export function applyEvent(twin: TwinState, event: CanonicalEvent): void {
  twin.makeRoom();
  if (event.time < twin.first) twin.first = event.time + 0;
  if (event.time > twin.last) twin.last = event.time + 0;
  switch (event.type) {
    case 'auth':
      return applyAuth(twin, event);
    case 'process':
      return applyProcess(twin, event);
    case 'flow':
      return applyFlow(twin, event);
    case 'dns':
      return applyDns(twin, event);
    case 'detection':
      return applyDetection(twin, event);
  }
}

function applyProcess(twin: TwinState, { time, host, account, image, action }: ProcessEvent): void {
  twin.tally(1);
  const at = twin.host(host, time);
  const who = twin.account(account, time);
  if (at >= 0) twin.hosts.records.mark(at, FLAGS, OWN);
  if (who >= 0) twin.accounts.records.mark(who, FLAGS, OWN);
  if (action !== 'Start') return;
  if (at >= 0) {
    twin.hosts.records.count(at, HOST.processes);
    twin.images.add(at, image);
  }
  if (who < 0) return;
  twin.accounts.records.count(who, ACCOUNT.processes);
  if (at < 0) return;
  const row = twin.accountAt(who, at, time);
  twin.accountEdges.records.count(row, USE.marks);
}

function applyFlow(twin: TwinState, event: NetworkFlow): void {
  const { time, srcHost, dstHost, bytesOut, bytesIn } = event;
  twin.tally(2);
  const source = twin.host(srcHost, time);
  const destination = dstHost === srcHost ? source : twin.host(dstHost, time);
  const hosts = twin.hosts.records;
  if (source >= 0) ownWherePrivate(twin.hosts, source, srcHost);
  if (source === destination || source < 0 || destination < 0) return;
  hosts.count(source, HOST.flowsOut);
  hosts.count(destination, HOST.flowsIn);
  const row = twin.connection(source, destination, serviceClass(event), time);
  const { records } = twin.networkEdges;
  records.count(row, NETWORK.flows);
  const at = (row * NETWORK.width) / 2;
  records.f64[at + NETWORK.bytesOut] = plus(records.f64[at + NETWORK.bytesOut], bytesOut);
  records.f64[at + NETWORK.bytesIn] = plus(records.f64[at + NETWORK.bytesIn], bytesIn);
}

function applyDns(twin: TwinState, { time, host, query }: DnsEvent): void {
  twin.tally(3);
  const at = twin.host(host, time);
  if (at < 0) return;
  const { records } = twin.hosts;
  ownWherePrivate(twin.hosts, at, host);
  records.count(at, HOST.lookups);
  sketchAdd(records.u32, at * HOST.width + HOST.looked, hashName(query));
}

function applyDetection(twin: TwinState, { time, srcHost, dstHost, account }: DetectionEvent): void {
  twin.tally(4);
  const source = twin.host(srcHost, time);
  const destination = dstHost === srcHost ? source : twin.host(dstHost, time);
  const who = twin.account(account, time);
  if (source >= 0) twin.hosts.records.count(source, HOST.detectionsFrom);
  if (destination >= 0) twin.hosts.records.count(destination, HOST.detectionsAt);
  if (who >= 0) twin.accounts.records.count(who, ACCOUNT.detections);
  if (source === destination || source < 0 || destination < 0) return;
  const row = twin.hostTo(source, destination, time);
  twin.hostEdges.records.count(row, USE.marks);
}

/** A source with a private address is one of ours; what it connects to, it may only have tried. */
function ownWherePrivate({ records }: NodeStore, number: number, name: string): void {
  if ((records.get(number, FLAGS) & OWN) === 0 && isPrivateAddress(name)) records.mark(number, FLAGS, OWN);
}

/** Sum of whole bytes, which stays exact, and at its largest once it gets there. */
function plus(sum: number | undefined, bytes: number | null): number {
  return Math.min((sum ?? 0) + Math.max(0, Math.trunc(bytes ?? 0)), Number.MAX_SAFE_INTEGER);
}
