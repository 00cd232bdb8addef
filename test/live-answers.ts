import { appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { noIncidents } from './no-incidents.ts';
import { AnswerBook } from '../participant/analytics/answer-book.ts';
import { AnswerStore } from '../participant/analytics/answer-store.ts';
import { AnswersInStep } from '../participant/analytics/answers-in-step.ts';
import { FederatedExtractor, type RowExtractor, edgeV1Extractor } from '../participant/features/edge-v2.ts';
import { CHECKPOINT_FILE } from '../participant/live/checkpoint.ts';
import { LiveSite } from '../participant/live/live-site.ts';
import { storedSite } from '../participant/live/stored-site.ts';
import { prepareFiles } from '../participant/telemetry/prepare.ts';
import type { SiteData } from '../participant/train/site-data.ts';
import { NOW } from './followed-folder.ts';
import { quietLogger } from './running-coordinator.ts';
import { keyOf } from './stored-answers.ts';

const SEED = 3;
/** Longer than any test: what waits for another log waits until the end. */
const HOLD = 1e9;
/** No look of its own accord within a test. */
const POLL_MS = 1e9;
/** Looks after which a site that has not got there never will. */
const MOST_LOOKS = 500;

const bits = (row: Float32Array): string =>
  Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString('hex');

/**
 * A live site with its answers, following `ROOT/logs`. It stands still, between a look at the folder and the reading of
 * what was found, until the test asks for a look: what it has done then depends on the test alone. Its clocks stand still
 * as well unless the test moves them.
 */
export class LiveAnswers {
  readonly root: string;
  readonly store: AnswerStore;
  readonly answers: AnswersInStep;
  /** Every row as hexadecimal bits, those before the checkpoint that it began with included. */
  readonly rows: string[];
  private readonly state: string;
  private site: LiveSite | null = null;
  private readonly clock = { elapsed: 0 };
  private readonly stopper = new AbortController();
  private running: Promise<void> = Promise.resolve();
  /** What is done as soon as so many rows have been made. */
  private due: { readonly rows: number; readonly act: () => void }[] = [];
  private standing = Promise.withResolvers<void>();
  private going = Promise.withResolvers<void>();

  private constructor(root: string, state: string, store: AnswerStore, book: AnswerBook, rows: string[]) {
    this.root = root;
    this.state = state;
    this.store = store;
    this.answers = new AnswersInStep(store, book);
    this.rows = rows;
  }

  /**
   * @param state name of its folder below `root`
   * @param before rows of an earlier process on this state, of which those before the checkpoint are kept
   * @param checkpointMs on the clock that the test moves
   */
  static async start(
    root: string,
    state: string,
    before: string[] = [],
    checkpointMs = 50,
  ): Promise<LiveAnswers> {
    mkdirSync(`${root}/logs`, { recursive: true });
    const folder = `${root}/${state}`;
    const found = await storedSite(`${folder}/${CHECKPOINT_FILE}`, 'edge-v2');
    const counts = found?.state.pipeline.counts;
    const kept = counts ? counts.events.auth - counts.late : 0;
    const store = new AnswerStore(`${folder}/sketches`);
    const book = new AnswerBook(keyOf, await store.all());
    const self = new LiveAnswers(root, folder, store, book, before.slice(0, kept));
    self.site = await LiveSite.open(
      {
        watch: `${root}/logs`,
        state: folder,
        incidents: { ...noIncidents, changed: () => self.stand() },
        trainUntil: null,
        learning: { seed: SEED, answers: self.answers },
        pollMs: POLL_MS,
        holdMs: HOLD,
        checkpointMs,
        onRow: (row) => {
          self.rows.push(bits(row));
          self.actUpTo(self.rows.length);
        },
      },
      { now: () => NOW, elapsed: () => self.clock.elapsed },
      quietLogger(),
    );
    self.running = self.site.run(self.stopper.signal, () => undefined);
    await self.standing.promise;
    return self;
  }

  /** Between a look at the folder and the reading of what it found. */
  private async stand(): Promise<null> {
    this.standing.resolve();
    if (!this.stopper.signal.aborted) await this.going.promise;
    return null;
  }

  private actUpTo(rows: number): void {
    const now = this.due.filter((one) => one.rows <= rows);
    this.due = this.due.filter((one) => one.rows > rows);
    for (const { act } of now) act();
  }

  get live(): LiveSite {
    if (this.site === null) throw new Error('not open');
    return this.site;
  }

  append(log: string, text: string | Buffer): void {
    appendFileSync(`${this.root}/logs/${log}`, text);
  }

  /** In the midst of reading, once the next look has made so many rows, or else when that look is over. */
  atRow(rows: number, act: () => void): void {
    this.due.push({ rows: this.rows.length + rows, act });
  }

  /** Lets it read what the last look at the folder found, and look again. @param elapsed its clock goes on by before */
  async look(elapsed: number): Promise<void> {
    this.clock.elapsed += elapsed;
    const going = this.going;
    this.standing = Promise.withResolvers();
    this.going = Promise.withResolvers();
    going.resolve();
    this.live.wake();
    await Promise.race([this.standing.promise, this.running]);
    this.actUpTo(Infinity);
  }

  /** Until so many rows have been made. @param elapsed of its clock, at each look */
  async until(rows: number, elapsed = 100): Promise<void> {
    for (let looks = 0; this.rows.length < rows; looks++) {
      if (looks > MOST_LOOKS) throw new Error(`${this.rows.length} of ${rows} rows`);
      await this.look(elapsed);
    }
  }

  /** Until every line has been taken: nothing is waited for any more. */
  async all(lines: number): Promise<void> {
    const { counts } = this.live.pipeline;
    for (let looks = 0; counts.events.auth + counts.duplicates < lines; looks++) {
      if (looks > MOST_LOOKS) throw new Error(`${counts.events.auth} events of ${lines} lines`);
      await this.look(2 * HOLD);
    }
  }

  /** As kill -9 leaves it, under another name: what is on disk at this moment and nothing else. */
  copyTo(state: string): void {
    mkdirSync(this.state, { recursive: true });
    cpSync(this.state, `${this.root}/${state}`, { recursive: true });
  }

  async stop(): Promise<void> {
    this.stopper.abort();
    this.going.resolve();
    await this.running;
  }
}

/** Rows and samples of reading the logs later; with these answers, or of `edge-v1`. */
export async function readLater(
  root: string,
  store: AnswerStore | null,
): Promise<{ rows: string[]; site: SiteData }> {
  const rows: string[] = [];
  const book = new AnswerBook(keyOf, (await store?.all()) ?? []);
  const inner: RowExtractor = store ? new FederatedExtractor(book) : edgeV1Extractor();
  const extractor: RowExtractor = {
    width: inner.width,
    peek: (event) => inner.peek(event),
    snapshot: () => inner.snapshot(),
    restore: (snapshot) => inner.restore(snapshot),
    push: (event) => {
      const row = inner.push(event);
      if (row) rows.push(bits(row));
      return row;
    },
  };
  const files = { events: `${root}/logs`, incidents: null, trainUntil: null, rejectFile: null };
  const kept = { scoredRows: 100_000, scored: 'recent' } as const;
  const { site } = await prepareFiles({ ...files, ...kept, seed: SEED, now: NOW, extractor });
  return { rows, site };
}

/** The samples of a site as plain arrays. */
export function samplesOf(site: SiteData): Record<string, unknown> {
  const { familiar, novel, corrupted, incidents, validation, evaluation } = site;
  const lists = { familiar, novel, corrupted, incidents };
  return {
    ...Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, bits(list.rows)])),
    validation: [bits(validation.list.rows), validation.events],
    evaluation: [bits(evaluation.list.rows), evaluation.events],
    counts: [site.events, site.scored],
  };
}

/** An empty log. */
export function touch(root: string, log: string): void {
  mkdirSync(`${root}/logs`, { recursive: true });
  writeFileSync(`${root}/logs/${log}`, '');
}
