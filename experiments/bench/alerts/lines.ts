import { formatEvent } from '../../../datasets/cordon-jsonl/write.ts';
import { SeededStream } from '../../../models/seeded-stream.ts';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';

const SERVERS = 50;
/** Servers that the person at a desk uses. */
const USED = 3;
/** How often a day somebody works at another one's desk: the most unusual that is usual here. */
const VISITS = 5;
/** Names of source hosts that are new, and so raise an alert each. */
const STRANGER = 'stranger-';

/** The lines of an organisation in which everybody does what they always do, but for strangers now and then. */
export class Lines {
  readonly #stream = SeededStream.fromNumber(1);
  readonly #desks: number;
  #record = 0;

  /** @param desks of the organisation, each with its account; a multiple of 50 */
  constructor(desks: number) {
    this.#desks = desks;
  }

  /** What people do: every pair in the first hour, and then once a day until `until`, in the order of time. */
  *history(until: number, days: number): Generator<string> {
    const pairs = this.#desks * USED;
    const from = until - days * 86_400_000;
    for (let i = 0; i < pairs; i++) yield this.usual(Math.floor(from + (i / pairs) * 3_600_000), i);
    const count = pairs * days;
    const step = (until - from - 3_600_000) / count;
    const visits = Math.floor(pairs / VISITS);
    for (let i = 0; i < count; i++) {
      const time = Math.floor(from + 3_600_000 + i * step);
      yield this.usual(time, i % pairs);
      if (i % visits === visits - 1) yield this.#visit(time, Math.floor(i / visits));
    }
  }

  /** A logon with the account of somebody else who uses the same server, from this desk for the first time. */
  #visit(time: number, number: number): string {
    const desk = number % this.#desks;
    const visitor = (desk + SERVERS) % this.#desks;
    return this.#line(time, `desk-${desk}`, `server-${desk % SERVERS}`, `user-${visitor}@bench`, {});
  }

  /** Somebody's logon to one of the servers that they always use. @param which so that all come in turn; at random where left out */
  usual(time: number, which = this.#stream.nextBelow(this.#desks * USED)): string {
    const desk = which % this.#desks;
    const server = (desk + (Math.floor(which / this.#desks) % USED)) % SERVERS;
    return this.#line(time, `desk-${desk}`, `server-${server}`, `user-${desk}@bench`, {});
  }

  /** A logon from a host that was never seen, with an account that is used elsewhere. */
  stranger(time: number, number: number): string {
    const account = `user-${number % this.#desks}@bench`;
    const server = `server-${(number * 7) % SERVERS}`;
    return this.#line(time, `${STRANGER}${number}`, server, account, { protocol: 'NTLM' });
  }

  #line(time: number, srcHost: string, dstHost: string, account: string, extra: Partial<AuthEvent>): string {
    return formatEvent({
      type: 'auth',
      time,
      srcHost,
      dstHost,
      srcAccount: account,
      dstAccount: account,
      protocol: 'Kerberos',
      logonType: 'Network',
      action: 'LogOn',
      success: true,
      source: { dataset: 'bench', record: this.#record++, uid: '' },
      ...extra,
    });
  }
}

/** Number of a stranger by the name of its host; null for others. */
export function strangerOf(host: string): number | null {
  return host.startsWith(STRANGER) ? Number(host.slice(STRANGER.length)) : null;
}
