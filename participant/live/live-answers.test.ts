import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEvent } from '../../datasets/cordon-jsonl/write.ts';
import { noIncidents } from '../../test/no-incidents.ts';
import { temporaryFolder } from '../../datasets/fixtures/collect.ts';
import { NOW, rotate } from '../../test/followed-folder.ts';
import { LiveAnswers, readLater, samplesOf, touch } from '../../test/live-answers.ts';
import { HOUR_MS, logon } from '../../test/sketch-task.ts';
import { quietLogger } from '../../test/running-coordinator.ts';
import { answer, bookOf } from '../../test/stored-answers.ts';
import { AnswerStore } from '../analytics/answer-store.ts';
import { AnswersInStep } from '../analytics/answers-in-step.ts';
import { EDGE_V1 } from '../features/edge-v1.ts';
import { EDGE_V2_LENGTH, FEDERATION_AT } from '../features/edge-v2.ts';
import { siteMoment } from '../train/site-moment.ts';
import { LiveSite } from './live-site.ts';

const LOGS = ['a.jsonl', 'b.jsonl', 'c.jsonl'] as const;
const MINUTE = 60_000;
const EVENTS = 240;

/** The lines of three logs over ten hours: out of order, late, and some records twice. */
function linesOf(seed: number): Buffer[] {
  let state = seed;
  const next = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
  return LOGS.map((log, lane) => {
    const lines = Array.from({ length: EVENTS }, (_, i) => {
      const back = next(12) === 0 ? next(30) * MINUTE : next(4) * MINUTE;
      const time = HOUR_MS + i * 150_000 + lane - back;
      const event = logon(time, `u${next(6)}@x`, `h${next(4)}`, `d${next(5)}`, next(5) > 0);
      const uid = next(6) === 0 ? `id-${i - next(2)}` : '';
      return formatEvent({ ...event, source: { dataset: log, record: i, uid } });
    });
    return Buffer.from(lines.join(''));
  });
}

/** Hours of the answers as they come. */
const ORDER = [0, 5, 1, 2, 7, 3, 4, 6, 8, 9];

const someone = (hour: number) => [
  { account: `u${hour % 6}@x`, source: `h${hour % 4}`, members: 1 + (hour % 4), failures: hour, fresh: 1 },
];

/** An answer comes, of whichever hour: visible after its time, and never before what rows have passed. */
async function put(site: LiveAnswers, store: AnswerStore, hour: number, epoch = 0): Promise<void> {
  const { visibleFrom, ...one } = answer(hour, someone(hour), { epoch });
  await store.put(one, () => Math.max(visibleFrom, site.answers.extractor.newest));
}

type Deed =
  | { readonly do: 'append'; readonly log: number; readonly bytes: number }
  | { readonly do: 'rotate' | 'copy-truncate' | 'compress'; readonly log: number }
  /** This and `kill` while the next look reads, after so many rows; null: before it. */
  | { readonly do: 'answer'; readonly rows: number | null }
  | { readonly do: 'kill'; readonly rows: number | null }
  | { readonly do: 'look'; readonly elapsed: number };

const log = fc.nat(2);
const rows = fc.option(fc.nat(100), { freq: 3 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), log, bytes: fc.nat(16_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('rotate', 'copy-truncate', 'compress' as const), log }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('answer' as const), rows }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('look' as const), elapsed: fc.constantFrom(0, 20, 600) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), rows }) },
);

/** What the runs had in them, so that none of it is missing. */
const seen = { late: 0, withOthers: 0, afterwards: 0, madeAgain: 0, kills: 0, fromCheckpoint: 0 };

async function follow(root: string, lines: readonly Buffer[], deeds: readonly Deed[]): Promise<LiveAnswers> {
  for (const name of LOGS) touch(root, name);
  let site = await LiveAnswers.start(root, 'state');
  let coming: Promise<void>[] = [];
  let hours = 0;
  const left = [...lines];
  for (const step of deeds) {
    if (step.do === 'append') {
      const rest = left[step.log] ?? Buffer.alloc(0);
      site.append(LOGS[step.log] ?? '', rest.subarray(0, step.bytes));
      left[step.log] = rest.subarray(step.bytes);
    } else if (step.do === 'answer') {
      if (hours >= ORDER.length) continue;
      const [here, hour] = [site, ORDER[hours++] ?? 0];
      const come = (): unknown => coming.push(put(here, here.store, hour));
      if (step.rows === null) come();
      else here.atRow(step.rows, come);
    } else if (step.do === 'look') await site.look(step.elapsed);
    else if (step.do === 'kill') {
      const state = `state-${++seen.kills}`;
      const old = site;
      let passed: string[] = [];
      const kill = (): void => {
        old.copyTo(state);
        passed = old.rows.slice();
      };
      if (step.rows === null) kill();
      else old.atRow(step.rows, kill);
      await old.look(0);
      await Promise.all(coming);
      await old.stop();
      site = await LiveAnswers.start(root, state, passed);
      const made = site.rows.length;
      // Before the federation is there again: with the answers of the folder alone.
      await site.until(passed.length);
      expect(site.rows.slice(0, passed.length)).toEqual(passed);
      if (made > 0) seen.fromCheckpoint++;
      seen.madeAgain += passed.length - made;
      // What was not on disk comes again.
      const known = new Set((await site.store.all()).map(({ round }) => round));
      coming = ORDER.slice(0, hours)
        .filter((hour) => !known.has(hour + 1))
        .map((hour) => put(site, site.store, hour));
    } else rotate(`${root}/logs/${LOGS[step.log] ?? ''}`, step.do);
  }
  left.forEach((rest, i) => site.append(LOGS[i] ?? '', rest));
  await site.look(0);
  await Promise.all(coming);
  await site.all(LOGS.length * EVENTS);
  await site.stop();
  return site;
}

describe('batch and live on edge-v2', () => {
  it('give the same rows and samples, bit for bit, whenever answers come and processes are killed', async () => {
    const some = fc.array(deed, { minLength: 60, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), some, async (seed, deeds) => {
        using folder = temporaryFolder();
        const site = await follow(folder.root, linesOf(seed), deeds);
        const batch = await readLater(folder.root, site.store);
        expect(site.rows).toEqual(batch.rows);
        const data = site.live.site();
        expect(samplesOf(siteMoment(data, EDGE_V2_LENGTH))).toEqual(samplesOf(batch.site));
        const own = await readLater(folder.root, null);
        expect(samplesOf(siteMoment(data, EDGE_V1.length))).toEqual(samplesOf(own.site));
        seen.late += site.live.pipeline.counts.late;
        const { list } = data.evaluation;
        for (let i = 0; i < list.length; i++)
          if ((list.row(i)[FEDERATION_AT.accountOthers] ?? 0) > 0) seen.withOthers++;
        for (const { visibleFrom, round } of await site.store.all())
          if (visibleFrom > (answer(round - 1, []).visibleFrom ?? 0)) seen.afterwards++;
      }),
      { numRuns: 6, seed: 7, endOnFailure: true },
    );
    expect(seen.late).toBeGreaterThan(100);
    expect(seen.withOthers).toBeGreaterThan(100);
    expect(seen.afterwards).toBeGreaterThan(10);
    expect(seen.kills).toBeGreaterThan(10);
    expect(seen.fromCheckpoint).toBeGreaterThan(4);
    expect(seen.madeAgain).toBeGreaterThan(100);
  }, 120_000);
});

describe('an answer on its way to the disk', () => {
  it('is not passed by events that it would have been visible to', async () => {
    using folder = temporaryFolder();
    for (const name of LOGS) touch(folder.root, name);
    const site = await LiveAnswers.start(folder.root, 'state');
    const pieces = 8;
    const lines = linesOf(3).map((all) => all.toString().trimEnd().split('\n'));
    const times: { visibleFrom: number; passed: number }[] = [];
    site.store.onAnswer(({ visibleFrom }) =>
      times.push({ visibleFrom, passed: site.answers.extractor.newest }),
    );
    // Larger than what is written at once.
    const cells = Array.from({ length: 400_000 }, (_, i) => (i % 2 === 0 ? i / 2 : 1));
    const sketch = { ...answer(0, []).sketch, width: 16_384 };
    for (let piece = 0; piece < pieces; piece++) {
      const [from, to] = [piece, piece + 1].map((n) => (n * EVENTS) / pieces);
      lines.forEach((all, i) => site.append(LOGS[i] ?? '', `${all.slice(from, to).join('\n')}\n`));
      const one = answer(piece, [], { cells, sketch, keyHash: '2'.repeat(64) });
      const before = site.rows.length;
      await Promise.all([site.store.put(one, () => site.answers.extractor.newest), site.look(20)]);
      await site.until(before + 20);
    }
    await site.all(LOGS.length * EVENTS);
    await site.stop();
    expect(times).toHaveLength(pieces);
    expect(times.filter(({ visibleFrom, passed }) => visibleFrom !== passed)).toEqual([]);
    expect(new Set(times.map(({ passed }) => passed)).size).toBeGreaterThan(4);
    expect(site.rows).toEqual((await readLater(folder.root, site.store)).rows);
  });

  it('keeps every event waiting for as long as its turn lasts', async () => {
    using folder = temporaryFolder();
    const site = await LiveAnswers.start(folder.root, 'state', [], Infinity);
    site.append(LOGS[0], linesOf(3)[0] ?? '');
    await site.look(0);
    const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const turn = site.store.inTurn(() => {
      begun.resolve();
      return over.promise;
    });
    await begun.promise;
    let read = false;
    const look = site.look(1000).then(() => (read = true));
    await sleep(20);
    expect([read, site.rows]).toEqual([false, []]);
    over.resolve();
    await Promise.all([turn, look]);
    await site.until(100);
    await site.stop();
  });
});

const federationAge = (row: string): number =>
  Buffer.from(row, 'hex').readFloatLE(4 * FEDERATION_AT.federationAge);

describe('a checkpoint with rows of another feature set', () => {
  const open = (root: string, answers: AnswersInStep | null) =>
    LiveSite.open(
      {
        watch: `${root}/logs`,
        state: `${root}/state`,
        incidents: noIncidents,
        trainUntil: null,
        learning: { seed: 1, ...(answers && { answers }) },
        pollMs: 2,
        holdMs: 0,
        checkpointMs: 1,
      },
      { now: () => NOW, elapsed: () => performance.now() },
      quietLogger(),
    );
  const inStep = (root: string) => new AnswersInStep(new AnswerStore(`${root}/state/sketches`), bookOf());

  it.each(['edge-v1', 'edge-v2'])(
    'is refused, with what can be done about it, and stays: %s',
    async (first) => {
      using folder = temporaryFolder();
      const { root } = folder;
      const opened = (features: string) => open(root, features === 'edge-v2' ? inStep(root) : null);
      touch(root, LOGS[0]);
      writeFileSync(`${root}/logs/${LOGS[0]}`, linesOf(1)[0] ?? '');
      const site = await opened(first);
      const stop = new AbortController();
      await site.run(stop.signal, () => stop.abort());
      const { rows } = site;
      expect(rows).toBeGreaterThan(100);
      const other = first === 'edge-v1' ? 'edge-v2' : 'edge-v1';
      await expect(opened(other)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        expected: expect.stringContaining(`rows of ${other}, as policy.analytics is`) as string,
        got: `rows of ${first} in ${root}/state/checkpoint`,
        next: expect.stringContaining('remove that file') as string,
      });
      expect((await opened(first)).site().scored).toBe(rows);
      rmSync(`${root}/state/checkpoint`);
      const anew = await opened(other);
      const end = new AbortController();
      await anew.run(end.signal, () => end.abort());
      expect([anew.features, anew.rows]).toEqual([other, rows]);
    },
  );
});

describe('when an epoch ends', () => {
  /** The three logs in three parts each. */
  const thirds = (lines: readonly Buffer[], part: number): Buffer[] =>
    lines.map((all) => {
      const rows = all.toString().trimEnd().split('\n');
      const from = (part * rows.length) / 3;
      return Buffer.from(
        rows
          .slice(from, from + rows.length / 3)
          .map((row) => `${row}\n`)
          .join(''),
      );
    });

  it.each([
    ['after the answers were removed', 'removed'],
    ['between the checkpoint and the removal', 'between'],
  ])('a site that is killed %s goes on with the rows of one that is not', async (_, when) => {
    using folder = temporaryFolder();
    const { root } = folder;
    const lines = linesOf(5);
    const write = (part: number) =>
      thirds(lines, part).forEach((text, i) => writeFileSync(`${root}/logs/${LOGS[i]}.${3 - part}`, text));
    for (const name of LOGS) touch(root, name);
    const site = await LiveAnswers.start(root, 'state', [], Infinity);
    for (const hour of [0, 1, 2]) await put(site, site.store, hour);
    write(0);
    await site.all(EVENTS);
    const passed = site.rows.length;
    expect(site.rows.slice(0, passed).some((row) => federationAge(row) < 4)).toBe(true);
    let killed = false;
    const kill = (): void => {
      if (!killed) site.copyTo('killed');
      killed = true;
    };
    if (when === 'between') site.store.beforeDrop(() => Promise.resolve(kill()));
    await site.store.dropBefore(1);
    write(1);
    await site.all(2 * EVENTS);
    kill();
    expect(await site.store.all()).toEqual([]);
    expect(site.rows.slice(passed).every((row) => federationAge(row) === 4)).toBe(true);

    const again = await LiveAnswers.start(root, 'killed', site.rows, Infinity);
    expect(again.rows).toHaveLength(passed);
    await again.all(2 * EVENTS);
    expect(again.rows).toEqual(site.rows);
    // The log tells it of the epoch once more, and both go on with an answer of the new one.
    await again.store.dropBefore(1);
    for (const one of [site, again]) await put(one, one.store, 3, 1);
    write(2);
    for (const one of [site, again]) await one.all(3 * EVENTS);
    expect(again.rows).toEqual(site.rows);
    expect(federationAge(site.rows.at(-1) ?? '')).toBeLessThan(4);
    for (const one of [site, again]) await one.stop();
  });
});
