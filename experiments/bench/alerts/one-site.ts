import { appendFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { ALERTS_FILE } from '../../../participant/alerts/alert-file.ts';
import type { ParticipantConfig } from '../../../participant/config.ts';
import { DEFAULT_POLICY } from '../../../participant/federation/site-policy.ts';
import { Workspace, foundConsortium } from '../../demo/workspace.ts';
import { Child, OWN_CLI } from '../../demo/processes.ts';
import { cpuSeconds } from '../round/cpu.ts';
import { watchAlerts } from './arrived.ts';
import { Lines } from './lines.ts';
import { writeNoveltyModel } from './model.ts';

/** What one participant is given. */
export interface Load {
  /** Lines a second, over all logs; strangers among them. */
  readonly rate: number;
  /** Logs that the lines are written to in turn. With several there is one more, in which next to nothing happens. */
  readonly logs: number;
  readonly seconds: number;
  readonly checkpointSeconds: number;
  /** Desks of the organisation, and days of history in the first log when it begins. */
  readonly desks: number;
  readonly historyDays: number;
}

/** What came of it. */
export interface Delays {
  /** Milliseconds from the writing of a line to its alert on disk, of each stranger. */
  readonly alerts: readonly number[];
  /** Strangers whose alert had not come half a minute after the last line. */
  readonly missing: number;
  /** Share of one core; null where the system does not tell. */
  readonly cpu: number | null;
  readonly lines: number;
}

const MEMBERS = ['org-1', 'org-2', 'org-3'];
const WARM_UP_MS = 3000;
const TICK_MS = 10;
const STRANGERS_A_SECOND = 20;
const QUIET_MS = 5000;
const LAST_WAIT_MS = 30_000;
const READY_MS = 120_000;

/** A participant process that follows logs, as they are written at a rate; its coordinator is not there, as in a bad hour. */
export async function delaysOf(load: Load, signal: AbortSignal): Promise<Delays> {
  const workspace = await Workspace.create(null);
  try {
    await foundConsortium(workspace, MEMBERS);
    const [member = ''] = MEMBERS;
    const logs = workspace.member(member, 'logs');
    await mkdir(logs);
    const lines = new Lines(load.desks);
    await writeFile(logPath(logs, 0), lines.history(Date.now() - 60_000, load.historyDays));
    await writeNoveltyModel(workspace.member(member, 'bench.cordon'));
    const config = workspace.member(member, 'participant.yaml');
    await writeFile(config, stringify(configuration(member, load)));
    const child = new Child(member, OWN_CLI, ['participant', 'run', config], workspace.path('log'));
    const abort = (): void => child.kill();
    signal.addEventListener('abort', abort);
    try {
      await child.ready(READY_MS);
      return await measured(load, lines, logs, join(workspace.state(member), ALERTS_FILE), child, signal);
    } finally {
      signal.removeEventListener('abort', abort);
      await child.stop();
    }
  } finally {
    await workspace.remove();
  }
}

function configuration(member: string, { checkpointSeconds }: Load): ParticipantConfig {
  return {
    member,
    // Nobody is there.
    coordinator: 'http://127.0.0.1:9',
    key: 'key.pem',
    roster: '../../roster.json',
    state: 'state',
    telemetry: { watch: 'logs', incidents: null, trainUntil: null },
    live: { checkpointSeconds },
    alerts: { model: 'bench.cordon', mostPerDay: 10_000 },
    seed: 1,
    recordVectors: false,
    policy: DEFAULT_POLICY,
  };
}

async function measured(
  load: Load,
  lines: Lines,
  logs: string,
  alertsPath: string,
  child: Child,
  signal: AbortSignal,
): Promise<Delays> {
  const writtenAt = new Map<number, number>();
  const alerts: number[] = [];
  const over = new AbortController();
  const watching = watchAlerts(
    alertsPath,
    (number) => {
      const at = writtenAt.get(number);
      writtenAt.delete(number);
      if (at !== undefined) alerts.push(performance.now() - at);
    },
    over.signal,
  );
  const write = writer(load, lines, logs, (number) => writtenAt.set(number, performance.now()));
  await write(WARM_UP_MS, signal);
  // Those of the warm-up do not count.
  writtenAt.clear();
  alerts.length = 0;
  const before = await cpuSeconds([child.pid]);
  const began = performance.now();
  const count = await write(1000 * load.seconds, signal);
  const seconds = (performance.now() - began) / 1000;
  const after = await cpuSeconds([child.pid]);
  for (let left = LAST_WAIT_MS; writtenAt.size > 0 && left > 0; left -= 50)
    await sleep(50, undefined, { signal });
  over.abort();
  await watching;
  if (!child.running) throw await child.died();
  const cpu = before === null || after === null ? null : (after - before) / seconds;
  return { alerts, missing: writtenAt.size, cpu, lines: count };
}

function logPath(folder: string, log: number): string {
  return join(folder, `log-${log}.jsonl`);
}

/** Writes lines for so many milliseconds, in pieces of ten; returns how many. */
function writer(
  { rate, logs }: Load,
  lines: Lines,
  folder: string,
  onStranger: (number: number) => void,
): (ms: number, signal: AbortSignal) => Promise<number> {
  let [strangers, turn, quiet] = [0, 0, -Infinity];
  return async (ms, signal) => {
    const began = performance.now();
    let [count, met] = [0, 0];
    for (let passed = 0; passed < ms; passed = performance.now() - began) {
      const due = Math.floor((Math.min(ms, passed + TICK_MS) * rate) / 1000);
      const newcomers = Math.floor((passed * STRANGERS_A_SECOND) / 1000);
      const log = turn++ % logs;
      const text: string[] = [];
      for (; met < newcomers; met++, count++) {
        onStranger(++strangers);
        text.push(lines.stranger(Date.now(), strangers));
      }
      for (; count < due; count++) text.push(lines.usual(Date.now()));
      if (text.length > 0) appendFileSync(logPath(folder, log), text.join(''));
      if (logs > 1 && performance.now() - quiet > QUIET_MS) {
        quiet = performance.now();
        appendFileSync(logPath(folder, logs), lines.usual(Date.now()));
      }
      await sleep(TICK_MS, undefined, { signal });
    }
    return count;
  };
}
