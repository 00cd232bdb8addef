import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../../crypto/identity/durable-file.ts';
import { makeFolder } from '../../crypto/identity/make-folder.ts';
import { namesIn } from '../../crypto/identity/small-read.ts';
import { OwnSketch, StoredAnswer, inOrderOfVisibility } from './stored-answer.ts';
import type { CordonError } from '../../protocol/errors.ts';
import { isDamaged, readStored } from './stored-file.ts';
import { Turns } from './turns.ts';

/** Name of the file of an answer, and of what this member put into its sum. */
const NAME = /^(run-[0-9a-f]{16})-(\d+)\.(answer|own)\.json$/;

const ANSWER = {
  what: 'the answer of a period',
  next: 'restore the file; if it is removed, the answer is made again for later events and counts this site among the others',
};
const OWN = {
  what: 'what this site put into a period',
  next: 'restore the file; if it is removed, the answer of that period counts this site among the others',
};

/**
 * The answers of all periods in the state folder, a file each, mode 600. An answer says from when on in event time it is
 * visible; that is fixed when it is written and never changes, so that a replay of the events sees what live events saw.
 */
export class AnswerStore {
  private readonly directory: string;
  private readonly listeners: ((answer: StoredAnswer) => void)[] = [];
  private readonly beforeDrops: ((epoch: number) => Promise<void>)[] = [];
  private readonly turns = new Turns();

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Told of every new answer once it stands on disk, before anything that takes turns with it goes on. */
  onAnswer(listener: (answer: StoredAnswer) => void): void {
    this.listeners.push(listener);
  }

  /** Waited for before answers of epochs before the one it is given are removed. */
  beforeDrop(listener: (epoch: number) => Promise<void>): void {
    this.beforeDrops.push(listener);
  }

  /** Work during which no answer comes and none is removed: the reading of events that see the answers as they come. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.turns.take(work);
  }

  /** The answer of a round, or null. @throws CordonError ENCODING_INVALID for a file that is damaged */
  read(run: string, round: number): Promise<StoredAnswer | null> {
    return readStored(StoredAnswer, this.path(run, round, 'answer'), ANSWER);
  }

  /**
   * On disk before it returns, or not there at all.
   * @param visibleFrom asked in this answer's turn: no event is read between then and when the listeners are told
   */
  async put(answer: Omit<StoredAnswer, 'visibleFrom'>, visibleFrom: () => number): Promise<void> {
    const { run, round } = answer;
    await this.turns.take(async () => {
      const stored: StoredAnswer = { ...answer, visibleFrom: visibleFrom() };
      await makeFolder(this.directory);
      try {
        await writeDurably(this.path(run, round, 'answer'), JSON.stringify(stored));
      } catch (error) {
        // Also where it is there and the folder could not be synced: the next attempt finds another time.
        await rm(this.path(run, round, 'answer'), { force: true });
        throw error;
      }
      for (const listener of this.listeners) listener(stored);
    });
    await rm(this.path(run, round, 'own'), { force: true });
  }

  /** Remembers what this member puts into a round, until there is an answer. */
  async putOwn(run: string, round: number, own: OwnSketch): Promise<void> {
    await makeFolder(this.directory);
    await writeDurably(this.path(run, round, 'own'), JSON.stringify(own));
  }

  async own(run: string, round: number): Promise<number[]> {
    return (await this.readOwn(run, round))?.cells ?? [];
  }

  /** All answers, those first that become visible first. */
  async all(): Promise<StoredAnswer[]> {
    const answers: StoredAnswer[] = [];
    for (const { run, round, kind } of this.files()) {
      const answer = kind === 'answer' ? await this.read(run, round) : null;
      if (answer) answers.push(answer);
    }
    return answers.sort(inOrderOfVisibility);
  }

  /**
   * Removes what is of earlier epochs: the keys are gone, and nothing can be looked up in it any more.
   * @throws CordonError ENCODING_INVALID for a file that is damaged, once all others are gone
   */
  dropBefore(epoch: number): Promise<void> {
    return this.turns.take(async () => {
      for (const listener of this.beforeDrops) await listener(epoch);
      let damaged: CordonError | null = null;
      for (const { run, round, kind } of this.files()) {
        try {
          const found = await (kind === 'answer' ? this.read(run, round) : this.readOwn(run, round));
          if (found && found.epoch < epoch) await rm(this.path(run, round, kind), { force: true });
        } catch (error) {
          if (!isDamaged(error)) throw error;
          damaged ??= error;
        }
      }
      if (damaged !== null) throw damaged;
    });
  }

  private readOwn(run: string, round: number): Promise<OwnSketch | null> {
    return readStored(OwnSketch, this.path(run, round, 'own'), OWN);
  }

  private files(): { readonly run: string; readonly round: number; readonly kind: 'answer' | 'own' }[] {
    return namesIn(this.directory).flatMap((name) => {
      const [, run, round, kind] = NAME.exec(name) ?? [];
      return run === undefined ? [] : [{ run, round: Number(round), kind: kind === 'own' ? kind : 'answer' }];
    });
  }

  private path(run: string, round: number, kind: 'answer' | 'own'): string {
    return join(this.directory, `${run}-${round}.${kind}.json`);
  }
}
