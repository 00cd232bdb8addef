import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DeskSite, NOVELTY, addingModel } from '../../test/alerted-site.ts';
import { logon } from '../../test/auth-event.ts';
import { syntheticSite } from '../../test/synthetic-site.ts';
import { DAY_MS } from '../../models/metrics/alerts.ts';
import { makeLabel } from '../labels/label.ts';
import { IncidentIndex } from '../train/incidents.ts';
import { FINDINGS_FILE, readAlertLines, readAlerts } from './alert-file.ts';
import { alertId } from './alert.ts';
import { addSuppression } from './suppression-book.ts';
import { makeSuppression } from './suppression.ts';

const sites: DeskSite[] = [];
afterEach(() => {
  for (const site of sites.splice(0)) site.end();
});

async function started(options: Parameters<typeof DeskSite.start>[0] = {}): Promise<DeskSite> {
  const site = await DeskSite.start(options);
  sites.push(site);
  return site;
}

const teller = { by: 'ann', at: 5 };
const { events } = syntheticSite({ seed: 4, people: 30, servers: 8, days: 20, campaigns: 0 });
const before = events.filter(({ time }) => time < 6 * DAY_MS);
/** Somebody who goes where nobody of his has been, from a host that does so never; but for the first, above the threshold. */
const intruder = ['w5', 'w7', 'w9', 'w11', 'w13', 'w15'].map((to, i) =>
  logon(6 * 24 + 1 + i / 60, 'w3', to, 'u12@x'),
);

async function raised(site: DeskSite): Promise<void> {
  site.add(before);
  site.desk.useModel(NOVELTY);
  site.desk.arm();
  site.add(intruder);
  await site.desk.settle();
}

describe('the alerts of a live site', () => {
  it('come about once a day where the threshold is chosen for one a day', async () => {
    const site = await started();
    site.add(before);
    site.desk.useModel(
      addingModel({ edgeNew: 1, edgeAge: 0.7, hourSurprise: 0.3, kindSurpriseAccount: 0.2 }),
    );
    site.desk.arm();
    site.add(events.filter(({ time }) => time >= 6 * DAY_MS));
    await site.desk.settle();
    const perDay = readAlerts(site.state).length / 14;
    // By chance, and because the site's habits change: within a factor of two and a half.
    expect(perDay).toBeGreaterThan(0.4);
    expect(perDay).toBeLessThan(2.5);
  });

  it('say why, against what, how the host was come to, and grow in place of being raised twice', async () => {
    const site = await started();
    site.add(before);
    site.desk.useModel(NOVELTY);
    site.desk.arm();
    site.add([logon(6 * 24 + 0.5, 'w20', 'w3', 'u20@x'), ...intruder]);
    await site.desk.settle();
    const lines = readAlertLines(site.state);
    expect(lines.length).toBeGreaterThan(1);
    const alert = readAlerts(site.state).find(({ srcHost }) => srcHost === 'w3');
    expect(alert).toMatchObject({
      id: alertId('acme', 'w3', 6 * DAY_MS),
      day: 6 * DAY_MS,
      account: 'u12@x',
      destinations: 5,
      events: 5,
      model: { from: 'run-1', hash: NOVELTY.hash, features: 'edge-v1' },
    });
    expect(alert?.version).toBe(lines.filter(({ srcHost }) => srcHost === 'w3').length);
    expect(alert?.dstHosts.toSorted()).toEqual(['w11', 'w13', 'w15', 'w7', 'w9']);
    const words = alert?.reasons.map((reason) => reason.words) ?? [];
    expect(words).toContain('this source never reached this destination before');
    expect(alert?.reasons.find(({ feature }) => feature === 'edgeNew')?.against).toMatch(
      /^w3 had reached \d+ other hosts, never w\d+$/,
    );
    expect(alert?.path).toEqual([
      { time: (6 * 24 + 0.5) * 3_600_000, account: 'u20@x', from: 'w20', to: 'w3', fresh: true },
    ]);
  });

  it('are the same lines after kill -9 at any point, wherever the last checkpoint was', async () => {
    const whole = await started({ perDay: 3 });
    whole.add(before);
    whole.desk.useModel(NOVELTY);
    whole.desk.arm();
    const later = [...intruder, ...events.filter(({ time }) => time >= 6.2 * DAY_MS && time < 9 * DAY_MS)];
    whole.add(later);
    await whole.desk.settle();
    const expected = readAlertLines(whole.state);
    expect(expected.length).toBeGreaterThan(5);

    for (const [every, batch] of [
      [29, 7],
      [200, 31],
      [10_000, 50],
    ] as const) {
      const site = await started({ perDay: 3 });
      site.add(before);
      site.desk.useModel(NOVELTY);
      site.desk.arm();
      let kept = { at: 0, checkpoint: await site.checkpoint() };
      for (let at = 0, steps = 0; at < later.length; steps++) {
        site.add(later.slice(at, at + batch));
        at += batch;
        if (steps % 3 !== 2) await site.desk.settle();
        if (at - kept.at > every) kept = { at, checkpoint: await site.checkpoint() };
        if (steps % 11 !== 10 || at >= later.length) continue;
        await site.restart(kept.checkpoint);
        site.desk.useModel(NOVELTY);
        // What was taken since the checkpoint is read again.
        site.add(later.slice(kept.at, at));
      }
      await site.desk.settle();
      expect(readAlertLines(site.state)).toEqual(expected);
      const findings = readFileSync(join(site.state, FINDINGS_FILE), 'utf8');
      expect(findings).toBe(readFileSync(join(whole.state, FINDINGS_FILE), 'utf8'));
    }
  });

  it('are brought to the findings where a crash came between the two files, and no half line stays', async () => {
    const site = await started();
    await raised(site);
    const path = join(site.state, FINDINGS_FILE);
    const findings = readFileSync(path, 'utf8');
    const lines = findings.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(2);
    for (const text of [`${lines[0] ?? ''}\n${(lines[1] ?? '').slice(0, 50)}`, '']) {
      writeFileSync(path, text);
      await site.restart(null);
      await site.desk.settle();
      expect(readFileSync(path, 'utf8')).toBe(findings);
    }
  });

  it('are written once where several things wait for it, and no snapshot leaves out what is not written', async () => {
    const site = await started();
    site.add(before);
    site.desk.useModel(NOVELTY);
    site.desk.arm();
    site.add(intruder.slice(0, 3));
    const first = site.desk.settle();
    site.add(intruder.slice(3));
    // Another model looks at what has been taken first, while lines are on their way.
    site.desk.useModel(addingModel({ edgeNew: 1 }));
    expect(() => site.desk.snapshot()).toThrow('not on disk');
    await Promise.all([first, site.desk.settle(), site.desk.settle()]);
    const lines = readAlertLines(site.state);
    expect(lines.map(({ sequence }) => sequence)).toEqual(lines.map((_, i) => i + 1));
    expect(lines.map(({ version }) => version)).toEqual(lines.map((_, i) => i + 1));
    expect(lines.at(-1)?.events).toBe(5);
    expect(site.desk.snapshot().sequence).toBe(lines.length);
  });

  it('of a rule are not raised but counted, until it is over', async () => {
    const site = await started();
    const rule = { source: 'W3', account: null, destination: null, comment: 'test' };
    await addSuppression(site.state, makeSuppression({ ...rule, until: 7 * DAY_MS }, teller));
    await site.desk.refresh();
    await raised(site);
    expect(readAlerts(site.state)).toEqual([]);
    expect(site.desk.counts).toMatchObject({ suppressed: 5, raised: 0 });
    const [[id, withheld] = []] = Object.entries(site.desk.status(0).withheld);
    expect([id, withheld]).toEqual([
      makeSuppression({ ...rule, until: 7 * DAY_MS }, teller).id,
      { events: 5, last: intruder.at(-1)?.time },
    ]);
    site.add(
      intruder.map((event) => ({
        ...event,
        time: event.time + DAY_MS,
        srcHost: 'w3',
        dstHost: `x${event.dstHost}`,
      })),
    );
    await site.desk.settle();
    expect(readAlerts(site.state)).toMatchObject([{ srcHost: 'w3', day: 7 * DAY_MS }]);
  });

  it('of what a benign label means are not raised either; another account of the host is', async () => {
    const site = await started();
    const statement = { from: 0, to: 9e9, account: 'u12@x', source: 'w3', destination: null, uid: null };
    const said = { campaign: 'benign', technique: null, note: null, verdict: 'benign' } as const;
    site.labels = new IncidentIndex([], [makeLabel({ ...statement, ...said }, teller)]);
    await raised(site);
    expect(site.desk.counts).toMatchObject({ dismissed: 5, raised: 0 });
    site.add([logon(6 * 24 + 2, 'w3', 'w21', 'u13@x')]);
    await site.desk.settle();
    expect(readAlerts(site.state)).toMatchObject([{ srcHost: 'w3', account: 'u13@x' }]);
  });

  it('are at most so many a day, whatever the model says', async () => {
    const site = await started({ mostPerDay: 2 });
    site.add(before);
    site.desk.useModel(NOVELTY);
    site.desk.arm();
    site.add(intruder.flatMap((event) => ['a', 'b', 'c', 'd'].map((srcHost) => ({ ...event, srcHost }))));
    await site.desk.settle();
    expect(readAlerts(site.state)).toHaveLength(2);
    expect(site.desk.counts.limited).toBeGreaterThan(0);
  });

  it('need a model that reads what the site has, and the logs of before to be taken', async () => {
    const site = await started();
    site.add(before);
    const other = { ...NOVELTY, architecture: { ...NOVELTY.architecture, features: 'edge-v2', inputs: 47 } };
    expect(() => site.desk.useModel(other)).toThrow(expect.objectContaining({ code: 'MODEL_MISMATCH' }));
    site.desk.useModel(NOVELTY);
    site.add(intruder);
    await site.desk.settle();
    expect(site.desk.threshold).toBeNull();
    expect(readAlerts(site.state)).toEqual([]);
  });
});
