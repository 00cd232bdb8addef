/**
 * What an organisation's events leave for training, thresholds and alerts: history, features and samples, event by event.
 */
import type { AuthEvent } from '../../protocol/events/canonical.ts';
import { CordonError } from '../../protocol/errors.ts';
import { AT } from '../features/edge-v1.ts';
import { type RowExtractor, edgeV1Extractor } from '../features/edge-v2.ts';
import { isScored } from '../features/event-kind.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { SnapshotWriter } from '../snapshot/snapshot-writer.ts';
import { Corrupter, isFamiliar } from './corrupt.ts';
import type { IncidentIndex } from './incidents.ts';
import { HELD_OUT, isTraining, type Part, partOf } from './parts.ts';
import { bagOf, relabelled } from './relabel.ts';
import { RowReservoir, ScoredEvents, type WhenFull } from './rows.ts';
import { seededStream } from './seeded-stream.ts';
import type { SiteData } from './site-data.ts';

/** What decides how an organisation's events are divided. */
export interface PrepareOptions {
  /**
   * Milliseconds on the clock of the events: earlier ones train, this and later ones are evaluated. null where the data
   * has no such split: every event then trains, gives thresholds and is evaluated; nothing may be concluded about accuracy.
   */
  readonly trainUntil: number | null;
  readonly seed: number | string;
  /** Rows kept of the events that give thresholds and alerts. Default 400,000 each. */
  readonly scoredRows?: number;
  /** Which of them, where there are more: those with something new and a sample of them (default), or the last ones. */
  readonly scored?: WhenFull;
  /** Makes the rows; those of `edge-v1` where left out. */
  readonly extractor?: RowExtractor;
  /** Told of every event in its turn, and whether its account asks for access at this destination for the first time. */
  readonly onEvent?: (event: AuthEvent, fresh: boolean) => void;
}

/** Rows kept of each training sample. */
const SAMPLE = 20_000;
const SCORED_LIMIT = 400_000;
const SNAPSHOT = 'site samples';
const SNAPSHOT_VERSION = 1;

/** A builder's state as bytes. */
export interface SiteSnapshot {
  readonly samples: Uint8Array;
  readonly history: Uint8Array;
}

interface Contrast {
  readonly corrupter: Corrupter;
  readonly rows: RowReservoir;
}

/** Takes events in the order of the merged stream; memory is bounded. The same events and seed give the same samples. */
export class SiteBuilder {
  readonly #extractor: RowExtractor;
  readonly #onEvent: (event: AuthEvent, fresh: boolean) => void;
  #labels: IncidentIndex;
  readonly #trainUntil: number | null;
  /** Whether each of the last events, benign or not, is kept with its row and trains. */
  readonly #allKept: boolean;
  readonly #remote: Contrast;
  readonly #local: Contrast;
  readonly #familiar: RowReservoir;
  readonly #novel: RowReservoir;
  readonly #incidents: RowReservoir;
  readonly #validation: ScoredEvents;
  readonly #evaluation: ScoredEvents;
  #first: number | null = null;
  #events = 0;
  #scored = 0;

  constructor(labels: IncidentIndex, options: PrepareOptions) {
    const { trainUntil, seed, scoredRows = SCORED_LIMIT, scored = 'sample' } = options;
    this.#extractor = options.extractor ?? edgeV1Extractor();
    this.#onEvent = options.onEvent ?? (() => undefined);
    const { width } = this.#extractor;
    const reservoir = (name: string): RowReservoir =>
      new RowReservoir(width, SAMPLE, seededStream('prepare', seed, name));
    this.#labels = labels;
    this.#trainUntil = trainUntil;
    this.#allKept = trainUntil === null && scored === 'recent';
    const contrast = (name: string): Contrast => ({
      corrupter: new Corrupter(seededStream('prepare', seed, 'corrupt', name)),
      rows: reservoir(`corrupted ${name}`),
    });
    this.#remote = contrast('remote');
    this.#local = contrast('local');
    this.#familiar = reservoir('familiar');
    this.#novel = reservoir('novel');
    this.#incidents = reservoir('incidents');
    const kept = (name: string): ScoredEvents =>
      new ScoredEvents(width, scoredRows, scored, seededStream('prepare', seed, 'scored', name));
    this.#validation = kept('validation');
    this.#evaluation = kept('evaluation');
  }

  /**
   * Takes an event in; none comes from before the lateness of the stream.
   * @returns its features, in an array that is used again, or null where it asks for no access
   */
  add(event: AuthEvent): Float32Array | null {
    this.#events++;
    this.#first ??= event.time;
    const part = this.#partOf(event);
    const contrast = event.srcHost === event.dstHost ? this.#local : this.#remote;
    // A corrupted copy must be seen against the same history as the event itself, so it comes before the push.
    if (isTraining(part) && isScored(event)) {
      contrast.rows.offer(() => contrast.corrupter.row(event, this.#extractor));
    }
    const row = this.#extractor.push(event);
    this.#onEvent(event, row !== null && row[AT.accountDestinationNew] === 1);
    if (row === null) return null;
    this.#scored++;
    contrast.corrupter.learn(event);
    this.#keep(event, row, part);
    return row;
  }

  #keep(event: AuthEvent, row: Float32Array, part: Part): void {
    if (part === 'evaluation') {
      this.#evaluation.add(row, event, isFamiliar(row));
      return;
    }
    if (part === 'everything') this.#evaluation.add(row, event, isFamiliar(row));
    if (this.#labels.campaignOf(event) !== null) {
      this.#incidents.offer(() => row);
      return;
    }
    if (part !== 'warm-up' && part !== 'train') this.#validation.add(row, event, isFamiliar(row));
    if (isTraining(part)) (isFamiliar(row) ? this.#familiar : this.#novel).offer(() => row);
  }

  /**
   * Goes by other labels from now on, also for the kept events that give thresholds. One of them that is an incident now
   * leaves thresholds and benign samples (a row with its values does) and becomes one. Where all events train and the last
   * ones are kept, what was an incident and is none any more goes back. Rows of events that are not kept stay where they
   * are. The same labels again change nothing.
   */
  relabel(labels: IncidentIndex): void {
    this.#labels = labels;
    const mayGoBack = this.#allKept && this.incidents > 0;
    const { incidents, benign } = relabelled(this.#validation, this.#evaluation, labels, mayGoBack);
    if (this.#allKept) for (const sample of [this.#familiar, this.#novel]) sample.giveUp(bagOf(incidents));
    this.#incidents.giveUp(bagOf(benign));
    incidents.events.forEach((_, i) => this.#incidents.offer(() => incidents.list.row(i)));
    benign.events.forEach((event, i) => {
      const row = benign.list.row(i);
      this.#validation.add(row, event, isFamiliar(row));
      (isFamiliar(row) ? this.#familiar : this.#novel).offer(() => row);
    });
  }

  /** Rows of incidents that there are to train on. */
  get incidents(): number {
    return this.#incidents.list.length;
  }

  #partOf(event: AuthEvent): Part {
    return partOf(event, this.#first ?? event.time, this.#trainUntil);
  }

  /** Everything from which it goes on, as bytes: samples, and the history. They hold names of hosts and accounts. */
  snapshot(): SiteSnapshot {
    const out = new SnapshotWriter(SNAPSHOT, SNAPSHOT_VERSION);
    out.number(this.#first ?? NaN);
    out.number(this.#events);
    out.number(this.#scored);
    for (const part of this.#parts()) part.write(out);
    return { samples: out.finish(), history: this.#extractor.snapshot() };
  }

  /**
   * Goes on as the one that made the snapshot would have, bit for bit; also with its random streams.
   * @throws CordonError ENCODING_INVALID where the bytes are damaged or of another version
   */
  restore({ samples, history }: SiteSnapshot): void {
    const from = new SnapshotReader(samples, SNAPSHOT, SNAPSHOT_VERSION);
    const first = from.number();
    this.#first = Number.isNaN(first) ? null : first;
    this.#events = from.whole('events', Number.MAX_SAFE_INTEGER);
    this.#scored = from.whole('scored events', this.#events);
    for (const part of this.#parts()) part.read(from);
    from.end();
    this.#extractor.restore(history);
  }

  #parts(): readonly { write(out: SnapshotWriter): void; read(from: SnapshotReader): void }[] {
    const contrasts = [this.#remote, this.#local].flatMap(({ corrupter, rows }) => [corrupter, rows]);
    const samples = [this.#familiar, this.#novel, this.#incidents];
    return [...contrasts, ...samples, this.#validation, this.#evaluation];
  }

  /**
   * What there is by now; it changes with the next event.
   * @throws CordonError DATA_INSUFFICIENT where no event before `trainUntil` asks for access
   */
  site(): SiteData {
    if (this.#familiar.list.length + this.#novel.list.length === 0) {
      throw new CordonError('DATA_INSUFFICIENT', {
        expected: 'at least one event that asks for access in the training time',
        got: `${this.#events} events, ${this.#scored} of them logons or tickets, none to train on`,
        next: 'add authentication logs of this organisation, or choose a later end of the training time',
      });
    }
    return {
      familiar: this.#familiar.list,
      novel: this.#novel.list,
      // Local events mixed into remote ones are poor copies: only for a site that has seen no remote event.
      corrupted: (this.#remote.rows.list.length > 0 ? this.#remote : this.#local).rows.list,
      incidents: this.#incidents.list,
      validation: this.#validation,
      validationShare: this.#trainUntil === null ? 1 : HELD_OUT,
      evaluation: this.#evaluation,
      events: this.#events,
      scored: this.#scored,
    };
  }
}
