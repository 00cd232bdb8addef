import type { MaliciousEvent } from './attacks/attack.ts';
import type { Campaign } from './attacks/campaigns.ts';
import type { World } from './world/world.ts';

/**
 * Rows `time,user@domain,source computer,destination computer` of the campaigns' events, sorted by time, each once;
 * of one organisation's hosts only where `organisation` is given.
 */
export function redteamRows(
  world: World,
  campaigns: readonly Campaign[],
  organisation: number | null,
): string[] {
  const rows = new Map<string, number>();
  for (const { events } of campaigns) {
    for (const { time, account, src, dst } of events) {
      if (organisation !== null && world.hostOwner[dst] !== organisation) continue;
      const user = world.accountNames[account] ?? '';
      rows.set(`${time},${user},${world.hostNames[src] ?? ''},${world.hostNames[dst] ?? ''}`, time);
    }
  }
  return [...rows].toSorted((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).map(([row]) => row);
}

/** One campaign in `truth/campaigns.json`. Times are seconds. */
export interface CampaignTruth {
  readonly id: string;
  readonly tactic: string;
  readonly phase: 'train' | 'test';
  readonly start: number;
  readonly end: number;
  /** Organisations in which it left events, in the order in which it entered them. */
  readonly organisations: readonly string[];
  /** Organisations that have it in their `incidents.txt`. */
  readonly knownTo: readonly string[];
  /** Malicious rows; each joins the log and `redteam.txt` on time, account, source and destination. */
  readonly events: readonly {
    time: number;
    account: string;
    src: string;
    dst: string;
    organisation: string;
    /** How many rows of the log it is; a service ticket and its logon are two. */
    rows: number;
  }[];
  /** The kill chain, silent steps included. */
  readonly steps: readonly {
    time: number;
    step: string;
    technique: string;
    organisation: string;
    src: string;
    dst: string;
    account: string;
    logged: boolean;
  }[];
}

/** The content of `truth/campaigns.json`: names instead of numbers. */
export function describeCampaigns(world: World, campaigns: readonly Campaign[]): CampaignTruth[] {
  const org = (index: number): string => world.organisations[index]?.name ?? '';
  const host = (index: number): string => world.hostNames[index] ?? '';
  const account = (index: number): string => world.accountNames[index] ?? '';
  return campaigns.map(({ id, tactic, phase, path, knownTo, events, steps }) => ({
    id,
    tactic,
    phase,
    start: steps[0]?.time ?? 0,
    end: steps.at(-1)?.time ?? 0,
    organisations: path.map(org),
    knownTo: knownTo.map(org),
    events: distinct(events).map(({ event, rows }) => ({
      time: event.time,
      account: account(event.account),
      src: host(event.src),
      dst: host(event.dst),
      organisation: org(world.hostOwner[event.dst] ?? 0),
      rows,
    })),
    steps: steps.map((step) => ({
      time: step.time,
      step: step.step,
      technique: step.technique,
      organisation: org(step.organisation),
      src: host(step.src),
      dst: host(step.dst),
      account: account(step.account),
      logged: step.logged,
    })),
  }));
}

/** Events with the same time, account, source and destination are one row of the red-team log. */
function distinct(events: readonly MaliciousEvent[]): { event: MaliciousEvent; rows: number }[] {
  const found = new Map<string, { event: MaliciousEvent; rows: number }>();
  for (const event of events) {
    const key = `${event.time} ${event.account} ${event.src} ${event.dst}`;
    const known = found.get(key);
    if (known) known.rows++;
    else found.set(key, { event, rows: 1 });
  }
  return [...found.values()];
}
