import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { simulatedData } from '../../experiments/demo/data.ts';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { SigningKey } from '../../crypto/identity/signing-key.ts';
import { nextRoster } from '../../crypto/public/epoch.ts';
import type { Roster } from '../../crypto/public/roster.ts';
import { loadChain } from '../../cli/roster-file.ts';
import {
  Workspace,
  epochSigner,
  foundConsortium,
  writeConfigurations,
  writeRosterFile,
} from '../../experiments/demo/workspace.ts';
import { demoTask } from '../../experiments/evaluate/demo-task.ts';
import type { RoundReport, RunSummary } from '../../protocol/messages/runs.ts';
import type { TrainTask } from '../../protocol/task.ts';
import { runCli } from './run-cli.ts';

const CLI = fileURLToPath(new URL('../../cli/cordon.ts', import.meta.url));
const children: ChildProcess[] = [];
let folder: string;
let workspace: Workspace;
let members: string[];
let operator: string;
let coordinator: ChildProcess;
let seed = 100;

/** Starts a process and waits for the JSON line that says that it is ready. */
async function start(...args: string[]): Promise<{ child: ChildProcess; ready: Record<string, unknown> }> {
  const child = spawn(process.execPath, [CLI, ...args, '--json'], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  if (!child.stdout) throw new Error('no output');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, ready: JSON.parse(line) as Record<string, unknown> };
}

const participant = (id: string) => start('participant', 'run', workspace.member(id, 'participant.yaml'));

async function taskFile(name: string, change: Partial<TrainTask>): Promise<string> {
  const deadlines = { advertiseSeconds: 4, collectSeconds: 10, graceSeconds: 1, openSeconds: 5 };
  const path = join(folder, `${name}.yaml`);
  // No member trains twice from one model, so every task has a first model of its own.
  seed += 1;
  await writeFile(path, stringify({ ...demoTask(3, seed), name, deadlines, ...change }));
  return path;
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** What the verbs of `cordon round` print: one run, with its rounds or without, a list, or an error. */
interface Printed extends RunSummary {
  readonly reports: RoundReport[];
  readonly runs: RunSummary[];
  readonly error: { readonly code: string };
}

/** A verb of `cordon round`, its JSON answer and exit code. */
async function round(...args: string[]): Promise<{ code: number | null; answer: Printed }> {
  const { code, stdout } = await runCli(['round', ...args, '--operator', operator, '--json']);
  return { code, answer: JSON.parse(stdout) as Printed };
}

/** Another epoch, signed by three of four members, and the coordinator started with it. */
async function nextEpoch(changes: Partial<Roster>): Promise<void> {
  const path = workspace.path('roster.json');
  const chain = await loadChain(path);
  const next = nextRoster(nodePrimitives, chain.last, changes);
  const signatures = [];
  for (const member of members.filter((id) => id !== 'rail')) {
    const { sign } = await SigningKey.load(workspace.member(member, 'key.pem'));
    signatures.push(await epochSigner(workspace, member, sign).sign(next));
  }
  await kill(coordinator, 'SIGTERM');
  await writeRosterFile(path, chain.extend([{ roster: next, signatures }]));
  await serve();
}

async function serve(): Promise<Record<string, unknown>> {
  const { child, ready } = await start(
    'coordinator',
    'serve',
    workspace.path('coordinator', 'coordinator.yaml'),
  );
  coordinator = child;
  return ready;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-hand-'));
  workspace = await Workspace.create(join(folder, 'consortium'));
  const world = { hosts: 25, accounts: 30, days: 3, trainDays: 2 };
  const data = await simulatedData(workspace, 4, world, 5, () => undefined);
  members = [...data.sites.keys()];
  await foundConsortium(workspace, members);
  const ready = await serve();
  await writeConfigurations(workspace, String(ready['address']), data.sites, () => 3);
  operator = workspace.path('operator', 'operator.yaml');
}, 60_000);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

describe('a federation started by hand', () => {
  let rail: ChildProcess;
  let first: RunSummary;

  it('a run to which nobody comes fails and says how many committee members are missing', async () => {
    const { code, answer } = await round('start', await taskFile('alone', {}), '--watch');
    expect(code).toBe(1);
    expect(answer.failure?.code).toBe('COMMITTEE_UNAVAILABLE');
    expect(answer.failure?.next).toMatch(/^3 more committee members are needed/);
  });

  it('with participants there it finishes, and show tells every round', async () => {
    for (const id of members) {
      const { child, ready } = await participant(id);
      expect(ready['events']).toBeGreaterThan(0);
      if (id === 'rail') rail = child;
    }
    const { code, answer } = await round('start', await taskFile('first', {}), '--watch');
    expect(code).toBe(0);
    expect(answer.status).toBe('finished');
    first = answer;
    const shown = await round('show', answer.run);
    expect(shown.answer.reports.map(({ contributors }) => contributors.length)).toEqual([4, 4, 4]);
  });

  it.each([
    ['a member', () => ['participant', 'run', workspace.member('port', 'participant.yaml')]],
    ['the coordinator', () => ['coordinator', 'serve', workspace.path('coordinator', 'coordinator.yaml')]],
  ])('a second process on the state folder of %s is refused', async (_, verb) => {
    const { code, stdout } = await runCli([...verb(), '--json']);
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as { error: { code: string } }).error.code).toBe('STATE_IN_USE');
  });

  it('a member that was killed and comes back contributes again, without any human action', async () => {
    await kill(rail, 'SIGKILL');
    const without = await round('start', await taskFile('without', { rounds: 2 }), '--watch');
    expect(without.answer.status).toBe('finished');
    rail = (await participant('rail')).child;
    const again = await round('start', await taskFile('again', { rounds: 2 }), '--watch');
    const shown = await round('show', again.answer.run);
    expect(shown.answer.reports.at(-1)?.contributors.toSorted()).toEqual(members.toSorted());
  });

  it('a second run has to wait; cancel stops the first one', async () => {
    const long = await round('start', await taskFile('long', { rounds: 900 }));
    expect(long.answer.status).toBe('running');
    const second = await round('start', await taskFile('second', {}));
    expect(second.code).toBe(1);
    expect(second.answer.error.code).toBe('RUN_ACTIVE');
    await round('cancel', long.answer.run);
    const listed = await round('ls');
    expect(listed.answer.runs.find(({ run }) => run === long.answer.run)?.status).toBe('cancelled');
  });

  it('a task that the site policies refuse fails and says whose policy it is', async () => {
    const { code, answer } = await round('start', await taskFile('endless', { rounds: 5000 }), '--watch');
    expect(code).toBe(3);
    expect(answer.failure?.code).toBe('POLICY_REFUSED');
    expect(answer.failure?.got).toContain('expected at most 1000 rounds, got 5000');
  });

  it('the same task a second time is refused by every member: two sums of the same updates give away the difference', async () => {
    const path = await taskFile('twice', { rounds: 1 });
    const once = await round('start', path, '--watch');
    expect(once.answer.status).toBe('finished');
    const again = await round('start', path, '--watch');
    expect(again.code).toBe(3);
    expect(again.answer.failure?.code).toBe('POLICY_REFUSED');
  });

  it('a task that breaks the floor of the roster is refused before anything starts', async () => {
    const refused = await round('start', await taskFile('wide', { kMin: 5 }));
    expect(refused.answer.error.code).toBe('CONFIG_INVALID');
  });

  it('after a restart of the coordinator the log goes on, the runs are known and the members come back', async () => {
    const config = workspace.path('coordinator', 'coordinator.yaml');
    const before = await round('ls');
    const { port } = new URL(/http\S+/.exec(await readFile(operator, 'utf8'))?.[0] ?? '');
    await kill(coordinator, 'SIGKILL');
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replace('port: 0', `port: ${port}`));
    await serve();
    const after = await round('ls');
    expect(after.answer.runs.map(({ run, status }) => [run, status])).toEqual(
      before.answer.runs.map(({ run, status }) => [run, status]),
    );
    expect(after.answer.runs.find(({ run }) => run === first.run)?.modelHash).toBe(first.modelHash);
    const next = await round('start', await taskFile('next', { rounds: 2 }), '--watch');
    expect(next.answer.status).toBe('finished');
    expect(next.answer.firstRound).toBeGreaterThan(first.firstRound);
  });

  it('a new epoch of the roster file: the coordinator starts with it, the members that run on learn it and follow', async () => {
    await nextEpoch({ threshold: 4 });
    const { answer } = await round('start', await taskFile('epoch', { rounds: 2 }), '--watch');
    expect(answer.status).toBe('finished');
    const shown = await round('show', answer.run);
    expect(shown.answer.reports.map(({ contributors }) => contributors.length)).toEqual([4, 4]);
    expect(JSON.parse(await readFile(join(workspace.state('port'), 'epochs.json'), 'utf8'))).toEqual(
      JSON.parse(await readFile(workspace.path('roster.json'), 'utf8')),
    );
  });

  it('a member that the next epoch leaves out stops and says why; the others go on', async () => {
    const before = (await loadChain(workspace.path('roster.json'))).last;
    const left = before.members.filter(({ id }) => id !== 'rail');
    const ended = once(rail, 'exit');
    await nextEpoch({
      members: left.map((member, i) => ({ ...member, index: i + 1 })),
      committee: left.map(({ id }) => id),
      threshold: 3,
    });
    expect(await ended).toEqual([1, null]);
    const refused = await runCli([
      'participant',
      'run',
      workspace.member('rail', 'participant.yaml'),
      '--json',
    ]);
    expect(refused.code).toBe(1);
    expect((JSON.parse(refused.stdout) as { error: { code: string } }).error.code).toBe('ROSTER_INVALID');
    const { answer } = await round('start', await taskFile('three', { rounds: 1 }), '--watch');
    expect(answer.status).toBe('finished');
  });

  it('people see the same as text', async () => {
    const { code, stdout } = await runCli(['round', 'ls', '--operator', operator]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/first {2}finished, 3 of 3 rounds, model [0-9a-f]{16}/);
  });
});
