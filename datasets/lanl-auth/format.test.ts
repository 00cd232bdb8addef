import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../../test/shared-data.ts';
import { authProtocol } from '../auth-protocol.ts';
import { collect, fixture, temporaryFolder } from '../fixtures/collect.ts';
import { lanlAction, lanlLogonType } from './values.ts';

const lanl = sharedData('telemetry/lanl2015');

describe('lanl-auth', () => {
  it('maps rows to authentication events with time in milliseconds and lower-case names', async () => {
    const { events } = await collect(fixture('auth.txt'));
    expect(events[3]).toEqual({
      type: 'auth',
      time: 3000,
      srcHost: 'c62',
      dstHost: 'c528',
      srcAccount: 'u10@dom1',
      dstAccount: 'u10@dom1',
      protocol: 'Kerberos',
      logonType: 'Network',
      action: 'LogOn',
      success: true,
      source: { dataset: 'auth', record: 4, uid: '' },
    });
    expect(events[2]).toMatchObject({ protocol: 'Unknown', logonType: 'Unknown', action: 'AuthMap' });
    expect(events[4]).toMatchObject({ protocol: 'NTLM', logonType: 'NetworkCleartext', success: false });
  });

  it('says why a row is bad', async () => {
    using folder = temporaryFolder();
    const good = '1,U1@D,U1@D,C1,C2,NTLM,Network,LogOn,Success';
    const bad = [
      'x,U1@D,U1@D,C1,C2,NTLM,Network,LogOn,Success',
      `${good},more`,
      '1,U1@D,,C1,C2,NTLM,Network,LogOn,Success',
      '1,U1@D,U1@D,C1,C2,NTLM,Network,LogOn',
      '1,U1@D,U1@D,C1,C2,NTLM,Network,LogOn,Succ',
    ];
    writeFileSync(folder.path('auth'), [good, good, good, ...bad].join('\n'));
    const { stats } = await collect(folder.path('auth'));
    expect(stats.rejectList.map(({ reason }) => reason)).toEqual([
      'the time is not a number of seconds',
      'more than 9 columns',
      'column 3 is empty',
      '8 columns where 9 are needed',
      'the last column is neither Success nor Fail',
    ]);
  });

  it.skipIf(lanl === null)(
    'agrees with a plain split of 10,000 genuine rows (needs shared data)',
    async () => {
      for (const name of ['auth_day0_head5000.txt', 'auth_day1_head5000.txt']) {
        const path = `${lanl}/${name}`;
        const { events, stats } = await collect(path);
        const rows = readFileSync(path, 'utf8').trimEnd().split('\n');
        expect(stats).toMatchObject({ lines: rows.length, events: rows.length, rejects: 0 });
        rows.forEach((row, i) => {
          const [
            time,
            srcAccount,
            dstAccount,
            srcHost,
            dstHost,
            protocol = '',
            logonType = '',
            action = '',
            status,
          ] = row.toLowerCase().split(',');
          expect(events[i]).toMatchObject({
            time: Number(time) * 1000,
            srcAccount,
            dstAccount,
            srcHost,
            dstHost,
            protocol: authProtocol(protocol),
            logonType: lanlLogonType(logonType),
            action: lanlAction(action),
            success: status === 'success',
          });
        });
      }
    },
  );

  it.skipIf(lanl === null)('reads all 749 red-team rows (needs shared data)', async () => {
    const { events } = await collect(`${lanl}/redteam.txt`);
    expect(events).toHaveLength(749);
    expect(events[0]).toMatchObject({
      type: 'detection',
      time: 150_885_000,
      account: 'u620@dom1',
      srcHost: 'c17693',
      dstHost: 'c1003',
      technique: '',
    });
  });
});
