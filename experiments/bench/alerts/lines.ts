import { formatEvent } from '../../../datasets/cordon-jsonl/write.ts';
import { SeededStream } from '../../../models/seeded-stream.ts';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';

const DESKS = 500;
const SERVERS = 50;
/** Servers that the person at a desk uses. */
const USED = 3;
/** Names of source hosts that are new, and so raise an alert each. */
const STRANGER = 'stranger-';

/** The lines of an organisation in which everybody does what they always do, but for strangers now and then. */
export class Lines {
  readonly #stream = SeededStream.fromNumber(1);
  #record = 0;

  /** What people do every day: every pair a few times a day over two days before `until`, in the order of time. */
  history(until: number, days: number): string {
    const events = DESKS * USED * 4 * days;
    const step = (days * 86_400_000) / events;
    const from = until - days * 86_400_000;
    return Array.from({ length: events }, (_, i) => this.usual(Math.floor(from + i * step), i)).join('');
  }

  /** Somebody's logon to one of the servers that they always use. @param which so that all come in turn; at random where left out */
  usual(time: number, which = this.#stream.nextBelow(DESKS * USED)): string {
    const desk = which % DESKS;
    const server = (desk + (Math.floor(which / DESKS) % USED)) % SERVERS;
    return this.#line(time, `desk-${desk}`, `server-${server}`, `user-${desk}@bench`, {});
  }

  /** A logon from a host that was never seen, with an account that is used elsewhere. */
  stranger(time: number, number: number): string {
    const account = `user-${number % DESKS}@bench`;
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
