import type { AuthEvent } from '../../protocol/events/canonical.ts';

/** One authentication that is known to be malicious, as an analyst or a red-team list names it. */
export interface Incident {
  /** Milliseconds, on the clock of the events. */
  readonly time: number;
  readonly account: string;
  readonly srcHost: string;
  readonly dstHost: string;
  /** Which attack it belongs to. */
  readonly campaign: string;
}

/** Which campaigns an event belongs to. Seconds decide, because red-team lists have no finer time. */
export class IncidentIndex {
  readonly #campaigns = new Map<string, string>();

  constructor(incidents: Iterable<Incident>) {
    for (const { time, account, srcHost, dstHost, campaign } of incidents) {
      this.#campaigns.set(key(time, account, srcHost, dstHost), campaign);
    }
  }

  /** Distinct incidents by second, account, source and destination. */
  get size(): number {
    return this.#campaigns.size;
  }

  /** Campaign of an event, by either of its accounts; null where it is not a known incident. */
  campaignOf({ time, srcAccount, dstAccount, srcHost, dstHost }: AuthEvent): string | null {
    if (this.#campaigns.size === 0) return null;
    return (
      this.#campaigns.get(key(time, srcAccount, srcHost, dstHost)) ??
      this.#campaigns.get(key(time, dstAccount, srcHost, dstHost)) ??
      null
    );
  }
}

function key(time: number, account: string, srcHost: string, dstHost: string): string {
  return `${Math.floor(time / 1000)}\0${account}\0${srcHost}\0${dstHost}`;
}
