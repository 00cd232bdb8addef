import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { noIncidents } from '../../test/no-incidents.ts';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { DEFAULT_POLICY } from '../federation/site-policy.ts';
import { loadParticipantConfig } from '../config.ts';
import { LiveSite } from '../live/live-site.ts';
import { prepareFiles } from './prepare.ts';

/** A logon at a quarter past ten on somebody's wall clock. */
const LINE = `${JSON.stringify({
  EventID: 4624,
  Channel: 'Security',
  Hostname: 'srv1.x.local',
  EventTime: '2020-05-01 22:15:00',
  TargetUserName: 'ann',
  TargetDomainName: 'X',
  LogonType: 3,
  WorkstationName: 'WS1',
  IpAddress: '-',
})}\n`;
const UTC = Date.parse('2020-05-01T22:15:00Z');

describe('telemetry.timeZone', () => {
  it('is the wall clock of times without a zone, read once and followed alike', async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.path('logs'));
    writeFileSync(folder.path('logs/a.jsonl'), LINE);
    // At rest: a file that has just changed may be about to grow.
    utimesSync(folder.path('logs/a.jsonl'), UTC / 1000, UTC / 1000);
    const first = async (timeZone?: string): Promise<(number | null)[]> => {
      const zone = timeZone === undefined ? {} : { timeZone };
      const files = { events: folder.path('logs'), incidents: null, trainUntil: null, rejectFile: null };
      const { twin } = await prepareFiles({ ...files, ...zone, seed: 1, now: UTC + 1e9 });
      const live = await LiveSite.open(
        {
          ...zone,
          watch: folder.path('logs'),
          state: folder.path(`state-${timeZone?.length}`),
          incidents: noIncidents,
          trainUntil: null,
          learning: { seed: 1 },
          pollMs: 10,
          holdMs: 0,
          checkpointMs: 1000,
        },
        { elapsed: () => performance.now(), now: () => UTC + 1e9 },
        pino({ level: 'silent' }),
      );
      const stop = new AbortController();
      await live.run(stop.signal, () => stop.abort());
      return [twin.sizes().first, live.twin.sizes().first];
    };
    expect(await first()).toEqual([UTC, UTC]);
    const berlin = UTC - 2 * 3_600_000;
    expect(await first('Europe/Berlin')).toEqual([berlin, berlin]);
  });

  it('is refused where nobody knows it, before anything is read', async () => {
    using folder = temporaryFolder();
    const config = {
      member: 'acme',
      coordinator: 'http://127.0.0.1:1',
      key: 'k',
      roster: 'r',
      state: 's',
      telemetry: { events: 'e', timeZone: 'Europe/Atlantis', incidents: null, trainUntil: null },
      seed: 1,
      recordVectors: false,
      policy: DEFAULT_POLICY,
    };
    writeFileSync(folder.path('c.yaml'), JSON.stringify(config));
    await expect(loadParticipantConfig(folder.path('c.yaml'))).rejects.toThrow('Europe/Atlantis');
  });
});
