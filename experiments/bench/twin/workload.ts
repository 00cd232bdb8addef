import { SeededStream } from '../../../models/seeded-stream.ts';
import type { AuthEvent } from '../../../protocol/events/canonical.ts';

/** Size of what is applied. */
export interface TwinSize {
  readonly hosts: number;
  readonly accounts: number;
  /** Hosts that an account logs on to, its own desk included. */
  readonly destinations: number;
  /** Logons over pairs that are known already. */
  readonly events: number;
}

/** Logons as columns; events are made from them one by one, as a reader makes them. */
export interface Workload {
  /** Each pair of account and destination once. */
  readonly pairs: Iterable<AuthEvent>;
  /** Draws from them, few pairs often and many seldom. */
  readonly known: Iterable<AuthEvent>;
}

const source = { dataset: 'bench', record: 1, uid: '' };

/** The same for the same size. Names are interned, as the LANL reader's are; half the logons stay on their host. */
export function workload({ hosts, accounts, destinations, events }: TwinSize): Workload {
  const stream = SeededStream.fromNumber(4);
  const hostNames = Array.from({ length: hosts }, (_, i) => `c${i + 1}`);
  const accountNames = Array.from({ length: accounts }, (_, i) => `u${i + 1}@dom1`);
  const total = accounts * destinations;
  const to = new Int32Array(total);
  for (let i = 0; i < total; i++) {
    const home = Math.floor(i / destinations) % hosts;
    to[i] = i % destinations === 0 ? home : Math.floor(hosts * stream.nextUnit() ** 2);
  }
  const drawn = new Int32Array(events);
  for (let i = 0; i < events; i++) {
    const account = Math.floor(accounts * stream.nextUnit() ** 2);
    const place = stream.nextUnit() < 0.54 ? 0 : Math.floor(destinations * stream.nextUnit() ** 3);
    drawn[i] = account * destinations + place;
  }
  const event = (pair: number, time: number): AuthEvent => {
    const number = Math.floor(pair / destinations);
    const account = accountNames[number] ?? '';
    return {
      type: 'auth',
      time,
      srcHost: hostNames[number % hosts] ?? '',
      dstHost: hostNames[to[pair] ?? 0] ?? '',
      srcAccount: account,
      dstAccount: account,
      protocol: time % 9 === 0 ? 'NTLM' : 'Kerberos',
      logonType: 'Network',
      action: 'LogOn',
      success: time % 80 !== 0,
      source,
    };
  };
  return {
    pairs: {
      *[Symbol.iterator]() {
        for (let pair = 0; pair < total; pair++) yield event(pair, pair);
      },
    },
    known: {
      *[Symbol.iterator]() {
        for (let i = 0; i < events; i++) yield event(drawn[i] ?? 0, total + i);
      },
    },
  };
}
