import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collect, temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { logon } from '../../test/auth-event.ts';
import { madeAlert } from '../../test/made-alert.ts';
import { FINDING_TITLE, toFinding } from './ocsf-finding.ts';

type Fields = Record<string, unknown>;

/**
 * What OCSF 1.8.0 requires of class 2004 (attributes whose requirement is `required` in events/base_event,
 * events/findings/finding and detection_finding), and of the objects that stand in a finding here.
 */
const REQUIRED = [
  'activity_id',
  'category_uid',
  'class_uid',
  'finding_info',
  'metadata',
  'severity_id',
  'time',
  'type_uid',
];
const REQUIRED_IN = { metadata: ['product', 'version'], finding_info: ['uid'] } as const;
/** Evidence needs one of the things that it can be about (the constraint `at_least_one` of objects/evidences). */
const EVIDENCE = ['actor', 'data', 'dst_endpoint', 'src_endpoint'];
const ENDPOINT = ['hostname', 'ip', 'name', 'uid'];

const object = (of: Fields, name: string): Fields => of[name] as Fields;

describe('an alert as a finding', () => {
  it.each([
    ['as it is', madeAlert()],
    ['without account, hosts and way', madeAlert({ account: '', path: [], event: logon(34, '', '', '') })],
    ['of a host by its address', madeAlert({ event: logon(34, '10.1.1.1', 'fe80:0:0:0:0:0:0:1') })],
  ])('has all that the schema requires, %s', (_, alert) => {
    const finding = JSON.parse(JSON.stringify(toFinding(alert, 'acme'))) as Fields;
    for (const name of REQUIRED) expect(finding).toHaveProperty(name);
    for (const [name, fields] of Object.entries(REQUIRED_IN))
      for (const field of fields) expect(finding[name]).toHaveProperty(field);
    expect(object(object(finding, 'metadata'), 'product')).toHaveProperty('vendor_name');
    expect(object(object(finding, 'finding_info'), 'analytic')).toHaveProperty('type_id', 4);
    for (const evidence of finding['evidences'] as Fields[]) {
      expect(EVIDENCE.some((name) => name in evidence)).toBe(true);
      for (const name of ['src_endpoint', 'dst_endpoint'])
        expect(ENDPOINT.some((field) => field in object(evidence, name))).toBe(true);
    }
    for (const name of ['time', 'start_time', 'end_time']) expect(Number.isInteger(finding[name])).toBe(true);
  });

  it('is created once and updated from then on, under one identity; each line has its own', () => {
    const [first, second] = [
      toFinding(madeAlert(), 'acme'),
      toFinding(madeAlert({ sequence: 9, version: 2 }), 'acme'),
    ];
    expect([first['activity_id'], first['type_uid']]).toEqual([1, 200401]);
    expect([second['activity_id'], second['type_uid']]).toEqual([2, 200402]);
    expect(object(second, 'finding_info')['uid']).toBe(object(first, 'finding_info')['uid']);
    expect(object(second, 'metadata')).toMatchObject({ sequence: 9, uid: `${madeAlert().id}:2` });
    expect(toFinding(madeAlert({ score: 5.5 }), 'acme')['severity_id']).toBe(4);
  });

  it('is read back by the reader of OCSF as detections of the event and of the way to it', async () => {
    using folder = temporaryFolder();
    const lines = [madeAlert(), madeAlert({ version: 2 })].map((alert) =>
      JSON.stringify(toFinding(alert, 'acme')),
    );
    writeFileSync(folder.path('findings.ocsf.jsonl'), lines.map((line) => `${line}\n`).join(''));
    const { events, stats } = await collect(folder.root);
    expect(stats.rejects).toBe(0);
    // The update is no detection of its own.
    expect(events).toMatchObject([
      { type: 'detection', srcHost: 'ws17', dstHost: 'fs01', account: 'ann@corp', label: FINDING_TITLE },
      { type: 'detection', srcHost: '10.0.0.1', dstHost: 'ws17', account: 'bob' },
    ]);
  });
});
