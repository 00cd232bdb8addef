/**
 * A very small world for tests of the data path: offices whose people use a few servers by day, and now and then an
 * intruder who walks from host to host. Far simpler than the simulator; no figure is quoted from it.
 */
import { DAY_MS } from '../models/metrics/alerts.ts';
import { SeededStream } from '../models/seeded-stream.ts';
import type { Incident } from '../participant/train/incidents.ts';
import type { AuthEvent } from '../protocol/events/canonical.ts';

export interface SyntheticOptions {
  readonly seed: number;
  readonly people: number;
  readonly servers: number;
  readonly days: number;
  /** Walks of an intruder over the whole time. */
  readonly campaigns: number;
}

export function syntheticSite(options: SyntheticOptions): { events: AuthEvent[]; truth: Incident[] } {
  const stream = SeededStream.fromNumber(options.seed);
  const events: AuthEvent[] = [];
  const truth: Incident[] = [];
  const add = (
    time: number,
    src: string,
    dst: string,
    account: string,
    extra: Partial<AuthEvent> = {},
  ): void => {
    events.push({
      type: 'auth',
      time: Math.floor(time),
      srcHost: src,
      dstHost: dst,
      srcAccount: account,
      dstAccount: account,
      protocol: 'Kerberos',
      logonType: 'Network',
      action: 'LogOn',
      success: stream.nextUnit() > 0.01,
      source: { dataset: 'synthetic', record: events.length, uid: '' },
      ...extra,
    });
  };
  const server = (n: number): string => `s${n % options.servers}`;
  for (let person = 0; person < options.people; person++) {
    for (let day = 0; day < options.days; day++) {
      for (let visit = 0; visit < 4; visit++) {
        const time = day * DAY_MS + (8 + stream.nextUnit() * 9) * 3_600_000;
        const home = `w${person}`;
        if (visit === 0)
          add(time, home, home, `u${person}@x`, { logonType: 'Interactive', protocol: 'Negotiate' });
        const away =
          stream.nextUnit() < 0.03 ? stream.nextBelow(options.servers) : person + stream.nextBelow(3);
        add(time + 1000, home, server(away), `u${person}@x`);
        add(time + 9000, home, server(away), `u${person}@x`, { action: 'LogOff' });
      }
    }
  }
  for (let campaign = 0; campaign < options.campaigns; campaign++) {
    const account = `u${stream.nextBelow(options.people)}@x`;
    let from = `w${stream.nextBelow(options.people)}`;
    let time = (0.2 + (0.75 * (campaign + stream.nextUnit())) / options.campaigns) * options.days * DAY_MS;
    for (let hop = 0; hop < 6; hop++) {
      const to =
        stream.nextUnit() < 0.5 ? server(stream.nextBelow(100)) : `w${stream.nextBelow(options.people)}`;
      time += stream.nextUnit() * 1_200_000;
      add(time, from, to, account, { protocol: 'NTLM', success: true });
      truth.push({ time: Math.floor(time), account, srcHost: from, dstHost: to, campaign: `c${campaign}` });
      from = to;
    }
  }
  events.sort((a, b) => a.time - b.time);
  return { events, truth };
}
