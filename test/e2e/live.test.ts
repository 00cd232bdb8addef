import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { formatEvent } from '../../datasets/cordon-jsonl/write.ts';
import { simulatedData } from '../../experiments/demo/data.ts';
import { Workspace, foundConsortium, writeConfigurations } from '../../experiments/demo/workspace.ts';
import { demoTask } from '../../experiments/evaluate/demo-task.ts';
import { readCheckpoint } from '../../participant/live/checkpoint.ts';
import { fromBytes } from '../../participant/live/stream-state.ts';
import type { ParticipantConfig } from '../../participant/config.ts';
import { logon } from '../auth-event.ts';
import { runCli } from './run-cli.ts';

const CLI = fileURLToPath(new URL('../../cli/cordon.ts', import.meta.url));
const children: ChildProcess[] = [];
let folder: string;
let workspace: Workspace;
let members: string[];
let sites: ReadonlyMap<string, { readonly events: string }>;
let coordinator: string;

function start(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [CLI, ...args, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  return child;
}

async function ready(child: ChildProcess): Promise<Record<string, unknown>> {
  if (!child.stdout) throw new Error('no output');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return JSON.parse(line) as Record<string, unknown>;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** A configuration of a member with another state folder, that follows `watch`. */
function configure(member: string, name: string, change: Partial<ParticipantConfig>): string {
  const config = parse(
    readFileSync(workspace.member(member, 'participant.yaml'), 'utf8'),
  ) as ParticipantConfig;
  const path = workspace.member(member, `${name}.yaml`);
  writeFileSync(path, stringify({ ...config, state: name, ...change }));
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-live-'));
  workspace = await Workspace.create(join(folder, 'consortium'));
  const world = { hosts: 25, accounts: 30, days: 3, trainDays: 2 };
  const data = await simulatedData(workspace, 4, world, 5, () => undefined);
  sites = data.sites;
  members = [...data.sites.keys()];
  await foundConsortium(workspace, members);
  const { address } = await ready(
    start(['coordinator', 'serve', workspace.path('coordinator', 'coordinator.yaml')]),
  );
  coordinator = String(address);
  await writeConfigurations(workspace, coordinator, data.sites, () => 3);
}, 60_000);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const LOGS = ['one.jsonl', 'two.jsonl'] as const;
const EVENTS = 6000;

/** Lines of two logs as they are written: now and then out of order, late, or twice. */
function lines(): string[] {
  const all: string[] = [];
  for (let i = 0; i < EVENTS; i++) {
    const hop = (n: number) => (Math.imul(i, 2654435761) >>> 7) % n;
    const back = i % 97 === 0 ? 400_000 : i % 11 === 0 ? 30_000 : 0;
    const uid = i % 5 === 0 ? `r${i % 20 === 0 ? i - 10 : i}` : '';
    all.push(
      formatEvent({
        ...logon(0, `h${hop(40)}`, `s${hop(9)}`, `u${hop(25)}@x`, { success: i % 13 !== 0 }),
        time: 1_000_000 + i * 1000 - back,
        source: { dataset: 'd', record: i, uid },
      }),
    );
  }
  return all;
}

async function checkpoint(state: string) {
  const parts = await readCheckpoint(join(state, 'live', 'checkpoint')).catch(() => null);
  if (parts === null) return null;
  return { ...parts, counts: fromBytes(parts.stream).pipeline.counts };
}

/** Waits until a checkpoint holds every line of the logs. */
async function whole(state: string) {
  for (;;) {
    const found = await checkpoint(state);
    if (found !== null && found.counts.events.auth + found.counts.duplicates === EVENTS) return found;
    await sleep(200);
  }
}

describe('a participant that follows its logs', () => {
  it('goes on after kill -9 at any point with the twin and the features of a run without one', async () => {
    const [member = ''] = members;
    const watch = join(folder, 'logs');
    mkdirSync(watch);
    for (const log of LOGS) writeFileSync(join(watch, log), '');
    const live = { pollSeconds: 0.05, holdSeconds: 3, checkpointSeconds: 1 };
    const telemetry = { watch, incidents: null, trainUntil: null };
    const config = configure(member, 'killed', { telemetry, live });
    const state = workspace.member(member, 'killed');

    let process = start(['participant', 'run', config]);
    let kills = 0;
    const writing = (async () => {
      for (const [i, line] of lines().entries()) {
        const path = join(watch, LOGS[i % 2] ?? '');
        const cut = i % 3 === 0 ? line.length >> 1 : line.length;
        appendFileSync(path, line.slice(0, cut));
        if (i % 30 === 0) await sleep(30);
        appendFileSync(path, line.slice(cut));
        if (i % 1500 === 1499)
          renameSync(join(watch, 'one.jsonl'), join(watch, `one.jsonl-2026010${1 + Math.floor(i / 1500)}`));
        if (i % 1500 === 1499) writeFileSync(join(watch, 'one.jsonl'), '');
      }
    })();
    const written = writing.then(() => 'written');
    for (let now = 'writing'; now !== 'written' || kills < 4;) {
      now = await Promise.race([written, sleep(1700 + 300 * kills, 'writing')]);
      await end(process, 'SIGKILL');
      kills++;
      process = start(['participant', 'run', config]);
    }
    await writing;
    const killed = await whole(state);
    await end(process, 'SIGTERM');

    cpSync(watch, join(folder, 'copy'), { recursive: true });
    const uninterrupted = configure(member, 'whole', {
      telemetry: { ...telemetry, watch: join(folder, 'copy') },
      live,
    });
    const other = start(['participant', 'run', uninterrupted]);
    const once = await whole(workspace.member(member, 'whole'));
    await end(other, 'SIGTERM');

    expect(kills).toBeGreaterThanOrEqual(4);
    expect(killed.counts).toEqual(once.counts);
    expect(killed.counts.duplicates).toBeGreaterThan(100);
    expect(killed.counts.late).toBeGreaterThan(40);
    for (const part of ['twin', 'samples', 'history'] as const)
      expect(Buffer.compare(killed[part], once[part]), part).toBe(0);
  });

  it('takes part in rounds with what its logs hold', async () => {
    for (const member of members) {
      const events = join(workspace.member(member), dirname(sites.get(member)?.events ?? ''));
      const log = sites.get(member)?.events ?? '';
      expect(log, events).not.toBe('');
      const child = start([
        'participant',
        'run',
        configure(member, 'following', { telemetry: { incidents: null, trainUntil: null } }),
        '--watch',
        dirname(log),
      ]);
      expect(await ready(child)).toMatchObject({ rejects: 0 });
    }
    const task = join(folder, 'task.yaml');
    const deadlines = { advertiseSeconds: 8, collectSeconds: 30, graceSeconds: 1, openSeconds: 10 };
    writeFileSync(task, stringify({ ...demoTask(2, 77), name: 'live', deadlines }));
    const operator = workspace.path('operator', 'operator.yaml');
    const run = await runCli(['round', 'start', task, '--operator', operator, '--watch', '--json']);
    expect(run.code, run.stderr).toBe(0);
    const { published, run: id } = JSON.parse(run.stdout) as { published: number; run: string };
    expect(published).toBe(2);
    const shown = await runCli(['round', 'show', id, '--operator', operator, '--json']);
    for (const member of members) expect(shown.stdout).toContain(member);
  });
});
