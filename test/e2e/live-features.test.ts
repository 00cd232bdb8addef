import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { formatEvent } from '../../datasets/cordon-jsonl/write.ts';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { AnswerStore } from '../../participant/analytics/answer-store.ts';
import { SKETCHES } from '../../participant/analytics/privacy-ledger.ts';
import { DEFAULT_POLICY } from '../../participant/federation/site-policy.ts';
import { storedSite } from '../../participant/live/stored-site.ts';
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { RunningAgent } from '../running-agent.ts';
import { TASK, TestCoordinator } from '../running-coordinator.ts';
import { HOUR_MS, OPEN_POLICY, SKETCH_TASK, logon } from '../sketch-task.ts';

const MEMBERS = [0, 1, 2, 3];
const PERIODS_END = 2 * HOUR_MS;
/** Newest event of each member when the answers come: long after they are due. */
const newestOf = (place: number) => PERIODS_END + HOUR_MS + place;

let coordinator: TestCoordinator;
let folder: ReturnType<typeof temporaryFolder>;
const agents: RunningAgent[] = [];
const written = MEMBERS.map(() => 0);

const watched = (place: number) => folder.path(`logs-${place}`);

function write(place: number, events: readonly AuthEvent[]): void {
  const lines = events.map((event) =>
    formatEvent({ ...event, source: { dataset: 'log', record: (written[place] ?? 0) + 1, uid: '' } }),
  );
  appendFileSync(join(watched(place), 'log.jsonl'), lines.join(''));
  written[place] = (written[place] ?? 0) + events.length;
}

/** Accounts that every member sees, and some of its own. */
const hours = (place: number, from: number, count: number): AuthEvent[] =>
  Array.from({ length: count }, (_, i) =>
    logon(
      from + i * 60_000,
      i % 3 === 0 ? `own-${place}@x` : `all-${i % 4}@x`,
      `desk-${i % 5}`,
      `d${(i * 7) % 6}`,
    ),
  );

/** Waits until a checkpoint of every member holds all of its events. */
async function taken(): Promise<void> {
  for (const place of MEMBERS) {
    const path = join(agents[place]?.state ?? '', 'live', 'checkpoint');
    const events = async () => (await storedSite(path, 'edge-v2'))?.state.pipeline.counts.events.auth;
    await expect.poll(events, { timeout: 20_000 }).toBe(written[place]);
  }
}

async function carryOut(task: object): Promise<string> {
  const operator = await coordinator.operate();
  try {
    const { run = '' } = (await (await operator.message('POST', '/v1/runs', task)).json()) as {
      run?: string;
    };
    const status = async () =>
      ((await (await operator.http('GET', `/v1/runs/${run}`)).json()) as { status: string }).status;
    await expect.poll(status, { timeout: 40_000 }).not.toBe('running');
    expect(await status()).toBe('finished');
    return run;
  } finally {
    operator.close();
  }
}

beforeAll(async () => {
  folder = temporaryFolder();
  coordinator = await TestCoordinator.start(MEMBERS.length);
  for (const place of MEMBERS) {
    mkdirSync(watched(place));
    writeFileSync(join(watched(place), 'log.jsonl'), '');
    write(place, hours(place, 1000, 110));
    write(place, [logon(newestOf(place), 'late@x', 'desk-0')]);
    const telemetry = { watch: watched(place), incidents: null, trainUntil: null };
    const policy = { ...DEFAULT_POLICY, ...OPEN_POLICY };
    const live = { pollSeconds: 0.05, holdSeconds: 0.1, checkpointSeconds: 0.2 };
    agents.push(await RunningAgent.start(`org-${place + 1}`, coordinator, telemetry, { policy, live }));
  }
}, 60_000);

afterAll(async () => {
  for (const agent of agents) await agent.stop();
  await coordinator.stop();
  folder[Symbol.dispose]();
});

it('a run on edge-v2 trains on rows that were made when the events came, without a log to read', async () => {
  await carryOut(SKETCH_TASK);
  for (const place of MEMBERS) {
    const store = new AnswerStore(join(agents[place]?.state ?? '', SKETCHES));
    const visible = async () => (await store.all()).map(({ visibleFrom }) => visibleFrom);
    // A replay's answers too: rows have passed that time already.
    await expect.poll(visible, { timeout: 20_000 }).toEqual([newestOf(place), newestOf(place)]);
    write(place, hours(place, PERIODS_END + 2 * HOUR_MS, 60));
  }
  await taken();
  for (const place of MEMBERS) rmSync(join(watched(place), 'log.jsonl'));

  const run = await carryOut({ ...TASK, model: { ...TASK.model, features: 'edge-v2' } });
  const own = await carryOut({ ...TASK, name: 'own features' });
  for (const { state } of agents) {
    await expect.poll(() => readdirSync(state), { timeout: 20_000 }).toContain(`${own}.json`);
    const { alerts } = JSON.parse(readFileSync(join(state, `${run}.json`), 'utf8')) as { alerts: unknown[] };
    expect(alerts.length).toBeGreaterThan(3);
    // The last run's: of 36 columns again.
    expect(readFileSync(join(state, 'model.f32'))).toHaveLength(4 * (36 * 4 + 2 * 4 + 1));
  }
  expect(agents.map(({ end }) => end)).toEqual(MEMBERS.map(() => null));
}, 120_000);
