import { type HostBook, isAddress } from '../../../datasets/host-book.ts';
import { readDataset } from '../../../datasets/open.ts';
import { DAY_MS } from '../../../models/metrics/alerts.ts';
import { usedAccount } from '../../../participant/features/event-kind.ts';
import type { AuthEvent, DetectionEvent, NetworkFlow } from '../../../protocol/events/canonical.ts';
import type { CampaignTruth } from '../../../datasets/simulator/truth.ts';

/** A malicious authentication. */
export interface MaliciousLogon {
  /** Milliseconds. */
  readonly time: number;
  readonly account: string;
  readonly srcHost: string;
  readonly dstHost: string;
}

/** All detections of a file of labels. @throws CordonError as `readDataset` */
export async function detectionsIn(path: string): Promise<DetectionEvent[]> {
  const rows: DetectionEvent[] = [];
  for await (const batch of readDataset(path)) {
    for (const event of batch) if (event.type === 'detection') rows.push(event);
  }
  return rows;
}

/** How far from a labelled flow a logon over it may be. */
const NEAR_MS = 5 * 60_000;

/**
 * OpTC labels flows by the identity of their record; a logon is malicious where it came from the source of such a flow to
 * its destination within five minutes of it. Flows may come in any order, all of them before the first question.
 */
export class LabelledFlows {
  readonly #ids: ReadonlySet<string>;
  readonly #flows: NetworkFlow[] = [];

  constructor(labels: readonly DetectionEvent[]) {
    this.#ids = new Set(labels.filter(({ label }) => label === LATERAL).map(({ source }) => source.uid));
  }

  add(flow: NetworkFlow): void {
    if (this.#ids.has(flow.source.uid.toLowerCase())) this.#flows.push(flow);
  }

  /** Gives the logons that labelled flows brought. @param hosts all that is known of addresses */
  index(hosts: HostBook): (event: AuthEvent) => MaliciousLogon | null {
    const domains = [...hosts.knownDomains()];
    // An address may have got its name only after the flow.
    const nameOf = (host: string): string =>
      isAddress(host)
        ? (domains.map((domain) => hosts.hostAt(host, domain)).find((name) => name !== null) ?? host)
        : host;
    const keyOf = ({ srcHost, dstHost }: Pick<AuthEvent, 'srcHost' | 'dstHost'>) =>
      `${nameOf(srcHost)} ${nameOf(dstHost)}`;
    const times = Map.groupBy(this.#flows, keyOf);
    return (event) => {
      const flows = times.get(keyOf(event)) ?? [];
      if (!flows.some(({ time }) => Math.abs(time - event.time) <= NEAR_MS)) return null;
      const { time, srcHost, dstHost } = event;
      return { time, srcHost, dstHost, account: usedAccount(event) };
    };
  }
}

/** Ping sweeps and flows of malicious processes are no logons of an intruder. */
const LATERAL = 'Lateral movement';

/**
 * Campaigns of a list that names none: what came from one source on one day. Those before the split are known to the
 * members that they befell.
 */
export function campaignsOf(
  logons: readonly MaliciousLogon[],
  memberOf: (host: string) => string,
  trainUntil: number,
): CampaignTruth[] {
  const phaseOf = (time: number) => (time < trainUntil ? ('train' as const) : ('test' as const));
  const groups = Map.groupBy(
    logons.toSorted((a, b) => a.time - b.time),
    ({ srcHost, time }) => `${srcHost}-day-${Math.floor(time / DAY_MS)}-${phaseOf(time)}`,
  );
  return [...groups].map(([id, those]) => {
    const organisations = [...new Set(those.map(({ dstHost }) => memberOf(dstHost)))];
    const phase = phaseOf(those[0]?.time ?? 0);
    return {
      id,
      tactic: 'red-team',
      phase,
      start: (those[0]?.time ?? 0) / 1000,
      end: (those.at(-1)?.time ?? 0) / 1000,
      organisations,
      knownTo: phase === 'train' ? organisations : [],
      events: those.map(({ time, account, srcHost, dstHost }) => ({
        time: time / 1000,
        account,
        src: srcHost,
        dst: dstHost,
        organisation: memberOf(dstHost),
        rows: 1,
      })),
      steps: [],
    };
  });
}
