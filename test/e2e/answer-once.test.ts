import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { simulatedData } from '../../experiments/demo/data.ts';
import { Workspace, foundConsortium, writeConfigurations } from '../../experiments/demo/workspace.ts';
import { demoTask } from '../../experiments/evaluate/demo-task.ts';
import { decode } from '../../protocol/codec/codec.ts';
import { splitFrames } from '../../protocol/codec/frames.ts';
import { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import { runCli } from './run-cli.ts';

const CLI = fileURLToPath(new URL('../../cli/cordon.ts', import.meta.url));
const children: ChildProcess[] = [];
let folder: string;
let workspace: Workspace;
let members: string[];

async function start(args: string[], failpoints = ''): Promise<{ child: ChildProcess; address: string }> {
  const env = { ...process.env, CORDON_FAILPOINTS: failpoints };
  const child = spawn(process.execPath, [CLI, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env,
  });
  children.push(child);
  if (!child.stdout) throw new Error('no output');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, address: String((JSON.parse(line) as { address?: string }).address) };
}

const participant = (id: string, failpoints?: string) =>
  start(['participant', 'run', workspace.member(id, 'participant.yaml')], failpoints);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-once-'));
  workspace = await Workspace.create(join(folder, 'consortium'));
  const world = { hosts: 25, accounts: 30, days: 3, trainDays: 2 };
  const data = await simulatedData(workspace, 3, world, 5, () => undefined);
  members = [...data.sites.keys()];
  await foundConsortium(workspace, members);
  const { address } = await start([
    'coordinator',
    'serve',
    workspace.path('coordinator', 'coordinator.yaml'),
  ]);
  await writeConfigurations(workspace, address, data.sites, () => 3);
}, 60_000);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

it('a member killed with SIGKILL between journal and reply sends the same answer after its restart, and no other', async () => {
  const [victim = '', ...others] = members;
  const { child } = await participant(victim, `${victim}:participant.after-journal=kill@1`);
  for (const id of others) await participant(id);
  const died = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;

  const task = join(folder, 'task.yaml');
  // Three members tolerate no silence: the round waits for the one that died.
  const deadlines = { advertiseSeconds: 20, collectSeconds: 60, graceSeconds: 60, openSeconds: 90 };
  await writeFile(task, stringify({ ...demoTask(3, 11), name: 'once', rounds: 1, deadlines }));
  const operator = workspace.path('operator', 'operator.yaml');
  const finished = runCli(['round', 'start', task, '--watch', '--operator', operator, '--json']);

  expect((await died)[1]).toBe('SIGKILL');
  const answers = join(workspace.state(victim), 'answers');
  const name = (await readdir(answers)).find((file) => file.endsWith('.json')) ?? '';
  const journalled: unknown = JSON.parse(await readFile(join(answers, name), 'utf8'));

  await participant(victim);
  const { stdout } = await finished;
  expect((JSON.parse(stdout) as { status: string }).status).toBe('finished');
  const log = await readFile(join(workspace.path('coordinator', 'state'), 'log.bin'));
  const entries = splitFrames(new Uint8Array(log)).map((frame) => decode(SignedLogEntryMessage, frame).entry);
  const sent = entries.flatMap(({ kind, body }) =>
    kind === 'answer' && body.answer.member === victim ? [body.answer] : [],
  );
  expect(sent).toEqual([journalled]);
}, 120_000);
