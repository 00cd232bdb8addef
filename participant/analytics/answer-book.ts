import type { TaskKey } from '../../crypto/secret/task-key.ts';
import { type OthersTables, SeriesTables } from './series-tables.ts';
import { type StoredAnswer, inOrderOfVisibility } from './stored-answer.ts';

/** What other members have seen of one name. */
export interface SeenByOthers {
  /** Members, failures and first-time destinations, each fading with a half-life of six hours. */
  readonly members: number;
  readonly failures: number;
  readonly fresh: number;
  /** There are answers, and none so far shows the name at others. */
  readonly isNew: boolean;
}

export interface Others {
  readonly account: SeenByOthers;
  readonly source: SeenByOthers;
  readonly pair: SeenByOthers;
  /** Hours since the end of the newest period that is visible, or null. */
  readonly ageHours: number | null;
}

const HOUR_MS = 3_600_000;

/** The answers under one key. */
interface Series {
  readonly tables: OthersTables;
  readonly epoch: number;
  /** End of its newest period that is visible. */
  newestEnd: number;
}

/**
 * The answers of all runs, read in event time: each becomes visible for events later than its `visibleFrom`, in one order
 * whatever order they came in. Names are looked up under each run's key; in memory are the tables of the runs, a cache
 * of names, and the answers that are not visible yet: at a start, all of the epoch.
 */
export class AnswerBook {
  readonly #keyOf: (keyHash: string) => TaskKey | null;
  /** Not visible yet, the next one last. */
  readonly #waiting: StoredAnswer[] = [];
  readonly #series = new Map<string, Series>();
  /** Answers of earlier epochs are not read. */
  #fromEpoch = 0;
  #newestEnd: number | null = null;

  /** @param keyOf a run's key by its public name; answers under one that is missing are passed over */
  constructor(keyOf: (keyHash: string) => TaskKey | null, answers: readonly StoredAnswer[] = []) {
    this.#keyOf = keyOf;
    for (const answer of answers) this.#waiting.push(answer);
    this.#sort();
  }

  /** Least epoch whose answers are read. */
  get fromEpoch(): number {
    return this.#fromEpoch;
  }

  /** One more, which has come while events were read. */
  add(answer: StoredAnswer): void {
    if (answer.epoch < this.#fromEpoch) return;
    this.#waiting.push(answer);
    this.#sort();
  }

  /** From the next event on as if there had been none of earlier epochs. @returns whether there were any */
  forgetBefore(epoch: number): boolean {
    if (epoch <= this.#fromEpoch) return false;
    this.#fromEpoch = epoch;
    const before = this.#waiting.length + this.#series.size;
    const left = this.#waiting.filter((answer) => answer.epoch >= epoch);
    this.#waiting.splice(0, this.#waiting.length, ...left);
    for (const [keyHash, series] of this.#series) if (series.epoch < epoch) this.#series.delete(keyHash);
    const ends = Array.from(this.#series.values(), ({ newestEnd }) => newestEnd);
    this.#newestEnd = ends.length > 0 ? Math.max(...ends) : null;
    return this.#waiting.length + this.#series.size < before;
  }

  /** Takes in what is visible to an event of this time. @param now newest event time so far; never goes back */
  advance(now: number): void {
    for (let next = this.#waiting.at(-1); next && next.visibleFrom < now; next = this.#waiting.at(-1)) {
      this.#waiting.pop();
      this.#take(next);
    }
  }

  /** @param now as `advance` got it */
  others(account: string, source: string, now: number): Others {
    let [ofAccount, ofSource, ofPair] = [NOTHING, NOTHING, NOTHING];
    for (const { tables } of this.#series.values()) {
      ofAccount = joined(ofAccount, tables.account(account, now));
      ofSource = joined(ofSource, tables.source(source, now));
      ofPair = joined(ofPair, tables.pair(account, source, now));
    }
    const ageHours = this.#newestEnd === null ? null : Math.max(0, (now - this.#newestEnd) / HOUR_MS);
    return { account: ofAccount, source: ofSource, pair: ofPair, ageHours };
  }

  #take(answer: StoredAnswer): void {
    const series = this.#series.get(answer.keyHash) ?? this.#begin(answer);
    if (!series) return;
    series.tables.take(answer);
    series.newestEnd = Math.max(series.newestEnd, answer.to);
    this.#newestEnd = Math.max(this.#newestEnd ?? 0, answer.to);
  }

  #begin(answer: StoredAnswer): Series | null {
    const key = this.#keyOf(answer.keyHash);
    if (!key) return null;
    const series = { tables: new SeriesTables(key, answer), epoch: answer.epoch, newestEnd: answer.to };
    this.#series.set(answer.keyHash, series);
    return series;
  }

  #sort(): void {
    this.#waiting.sort((a, b) => inOrderOfVisibility(b, a));
  }
}

const NOTHING: SeenByOthers = { members: 0, failures: 0, fresh: 0, isNew: false };

/** A later run knows what an earlier one, under another key, cannot be asked any more, and the other way round. */
function joined(a: SeenByOthers, b: SeenByOthers | null): SeenByOthers {
  if (b === null || a === NOTHING) return b ?? a;
  return {
    members: Math.max(a.members, b.members),
    failures: Math.max(a.failures, b.failures),
    fresh: Math.max(a.fresh, b.fresh),
    isNew: a.isNew && b.isNew,
  };
}
