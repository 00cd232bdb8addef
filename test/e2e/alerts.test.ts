import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { formatEvent } from '../../datasets/cordon-jsonl/write.ts';
import { Child, OWN_CLI } from '../../experiments/demo/processes.ts';
import { Workspace, foundConsortium } from '../../experiments/demo/workspace.ts';
import { FINDINGS_FILE, readAlertLines } from '../../participant/alerts/alert-file.ts';
import type { Alert } from '../../participant/alerts/alert.ts';
import { DEFAULT_POLICY } from '../../participant/federation/site-policy.ts';
import { labelsOf } from '../../participant/labels/label-book.ts';
import { writeModel } from '../../participant/models/model-file.ts';
import { AT } from '../../participant/features/edge-v1.ts';
import { logon } from '../auth-event.ts';
import { madeModel } from '../made-model.ts';
import { runCli } from './run-cli.ts';

const MEMBER = 'org-1';
/** Hours of the events; the last days of a history that is long enough for a threshold. */
const START = 490_000;
let workspace: Workspace;
const children: Child[] = [];

beforeAll(async () => {
  workspace = await Workspace.create(null);
  await foundConsortium(workspace, [MEMBER, 'org-2', 'org-3']);
  // One unit adds up what is new about an event.
  const model = madeModel({
    change: (weights) => {
      weights.fill(0);
      for (const name of ['edgeNew', 'accountDestinationNew', 'sourceNewBurst'] as const)
        weights[AT[name] * 4] = 1;
      weights[37 * 4] = 1;
    },
  });
  await writeModel(workspace.member(MEMBER, 'novelty.cordon'), model);
});

afterAll(async () => {
  for (const child of children) child.kill();
  await workspace.remove();
});

let record = 0;
const line = (hours: number, from: string, to: string, account: string): string =>
  formatEvent({
    ...logon(hours, from, to, account),
    source: { dataset: 'log', record: record++, uid: '' },
  });

/** Everybody does the same every hour. */
const history = (): string =>
  Array.from({ length: 72 }, (_, hour) =>
    Array.from({ length: 12 }, (_, desk) =>
      line(START + hour + desk / 100, `desk-${desk}`, `srv-${desk % 4}`, `u${desk}@x`),
    ).join(''),
  ).join('');

/** A walk that goes on for an hour, with what is usual in between. */
const walk = Array.from({ length: 60 }, (_, i) => {
  const hours = START + 72 + i / 60;
  const from = i < 20 ? 'desk-3' : i < 40 ? 'desk-7' : 'desk-9';
  return line(hours, from, `new-${i % 20}`, 'u3@x') + line(hours, 'desk-5', 'srv-1', 'u5@x');
});

function site(name: string) {
  const logs = workspace.member(MEMBER, `logs-${name}`);
  mkdirSync(logs);
  const log = join(logs, 'log.jsonl');
  writeFileSync(log, history());
  const config = workspace.member(MEMBER, `${name}.yaml`);
  const file = {
    member: MEMBER,
    // Nobody is there.
    coordinator: 'http://127.0.0.1:9',
    key: 'key.pem',
    roster: '../../roster.json',
    state: name,
    telemetry: { watch: `logs-${name}`, incidents: null, trainUntil: null },
    live: { pollSeconds: 0.05, holdSeconds: 0.1, checkpointSeconds: 1 },
    alerts: { model: 'novelty.cordon' },
    seed: 1,
    recordVectors: false,
    policy: DEFAULT_POLICY,
  };
  writeFileSync(config, stringify(file));
  const state = workspace.member(MEMBER, name);
  const start = async (): Promise<Child> => {
    const child = new Child(name, OWN_CLI, ['participant', 'run', config], workspace.path(`${name}.log`));
    children.push(child);
    await child.ready(30_000);
    return child;
  };
  return { log, state, start };
}

/** All but when it was written. */
const told = (lines: readonly Alert[]) => lines.map(({ written: _, ...line }) => line);

/** Until the end of the walk has been told of. */
async function ended(state: string): Promise<Alert[]> {
  for (;;) {
    const lines = readAlertLines(state);
    const last = lines.findLast(({ srcHost }) => srcHost === 'desk-9');
    if ((last?.destinations ?? 0) >= 15) return lines;
    await sleep(50);
  }
}

describe('a participant that follows its logs', () => {
  it('raises the alerts of a run without interruption, each once, whenever it is ended by kill -9', async () => {
    const killed = site('killed');
    let child = await killed.start();
    let kills = 0;
    for (const [i, text] of walk.entries()) {
      appendFileSync(killed.log, text);
      if (i % 15 !== 14) continue;
      // Once in the middle of the work, once when it is done.
      await sleep(kills % 2 === 0 ? 30 : 400);
      child.kill();
      await child.ended;
      kills++;
      child = await killed.start();
    }
    const lines = await ended(killed.state);
    await child.stop();

    const whole = site('whole');
    const other = await whole.start();
    appendFileSync(whole.log, walk.join(''));
    const expected = await ended(whole.state);
    await other.stop();

    expect(kills).toBe(4);
    expect(told(lines)).toEqual(told(expected));
    expect(new Set(lines.map(({ id }) => id)).size).toBe(3);
    const sequences = (state: string) =>
      readFileSync(join(state, FINDINGS_FILE), 'utf8')
        .trimEnd()
        .split('\n')
        .map((text) => (JSON.parse(text) as { metadata: { sequence: number } }).metadata.sequence);
    expect(sequences(killed.state)).toEqual(lines.map(({ sequence }) => sequence));
  });

  it('leaves what cordon alert lists, and what an analyst says of it becomes a label', async () => {
    const state = workspace.member(MEMBER, 'killed');
    const list = async () => {
      const { stdout } = await runCli(['alert', 'ls', state, '--json']);
      const { alerts } = JSON.parse(stdout) as {
        alerts: { reference: string; state: string; srcHost: string }[];
      };
      return alerts.map(({ reference, state: now, srcHost }) => [reference, now, srcHost]);
    };
    expect(await list()).toEqual([
      ['3', 'new', 'desk-9'],
      ['2', 'new', 'desk-7'],
      ['1', 'new', 'desk-3'],
    ]);
    const acked = await runCli(['alert', 'ack', state, '1', '--tactic', 'lateral-movement', '--by', 'ann']);
    expect(acked.code).toBe(0);
    expect(await list()).toEqual([
      ['3', 'new', 'desk-9'],
      ['2', 'new', 'desk-7'],
      ['1', 'attack', 'desk-3'],
    ]);
    const labels = [...(await labelsOf(state)).active.values()];
    expect(labels).toMatchObject([
      {
        verdict: 'malicious',
        account: 'u3@x',
        source: 'desk-3',
        campaign: 'alert 1',
        note: 'tactic lateral-movement',
        by: 'ann',
      },
    ]);
    const shown = await runCli(['alert', 'show', state, '1']);
    expect(shown.stdout).toContain('this source never reached this destination before: desk-3 had reached');
  });
});
