import { mkdirSync } from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { checkAnswerShape } from '../public/answer.ts';
import type { Answer } from '../public/answer.ts';
import { canonicalJson } from '../public/canonical.ts';
import { CryptoError } from '../public/errors.ts';
import { checkShape, identifier, integer } from '../public/shape.ts';

/**
 * What the journal needs of a file system; `durableFiles` of crypto/identity is it. Every call has what it says on disk
 * before it returns.
 */
export interface DurableFiles {
  /** False where the file exists already, and then it stays as it is, even if two processes come at once. */
  create(path: string, text: string): Promise<boolean>;
  replace(path: string, text: string): Promise<void>;
  /** Null for a file that is not there, an error for one that cannot be read. */
  readIfThere(path: string): Promise<string | null>;
  syncDirectory(path: string): Promise<void>;
  /** Ending of what a crash may leave behind. */
  readonly temporarySuffix: string;
}

/** A round number is used once in an epoch, whatever the run. */
export interface RoundKey {
  readonly consortium: string;
  readonly epoch: number;
  readonly round: number;
}

/**
 * Answer-once: a committee member's answers, one file each, written and synced before anyone hears of them. What is
 * journalled may be sent again; nothing else ever is.
 */
export class AnswerJournal {
  readonly #dir: string;
  readonly #files: DurableFiles;

  constructor(dir: string, files: DurableFiles) {
    this.#dir = dir;
    this.#files = files;
  }

  /**
   * Puts the answer on disk (file and folder synced) before it returns.
   * @returns the journalled answer: this one, or the equal one that was there
   * @throws CryptoError ALREADY_ANSWERED where another answer is journalled for the round, or the round was pruned;
   *   ANSWER_INVALID where the answer or the journalled file is malformed; node's errors of the file system
   */
  async record(key: RoundKey, answer: Answer): Promise<Answer> {
    checkAnswerShape(answer);
    const path = this.#path(key);
    if (answer.consortium !== key.consortium || answer.round !== key.round) {
      throw new CryptoError('ANSWER_INVALID', {
        expected: `an answer for ${key.consortium}, round ${key.round}`,
        got: `one for ${answer.consortium}, round ${answer.round}`,
        next: 'record it under its own round',
      });
    }
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    if (key.epoch < (await this.#epochFloor(key)))
      throw alreadyAnswered(key, 'an epoch whose answers were pruned');
    if (key.round < (await this.#floor(key))) throw alreadyAnswered(key, 'a round whose answer was pruned');
    const text = canonicalJson(answer);
    if (await this.#files.create(path, text)) return answer;
    const journalled = await this.lookup(key);
    if (journalled === null || canonicalJson(journalled) !== text) {
      throw alreadyAnswered(key, 'another answer for the same round');
    }
    // the process that linked the file may have died before it synced the folder
    await this.#files.syncDirectory(this.#dir);
    return journalled;
  }

  /**
   * The answer journalled for the round, or null.
   * @throws CryptoError ANSWER_INVALID where the file is damaged: the member is then silent for that round
   */
  async lookup(key: RoundKey): Promise<Answer | null> {
    const text = await this.#files.readIfThere(this.#path(key));
    if (text === null) return null;
    const answer = parse(text) as Answer;
    checkAnswerShape(answer);
    return answer;
  }

  /**
   * Removes the answers of this epoch's rounds below `before.round`, those of the epochs before it, and what a crash left
   * half-written. The rounds stay answered: the journal remembers both floors and refuses what is below them for ever.
   * @returns the number of answers removed
   */
  async prune(before: RoundKey): Promise<number> {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    const floor = Math.max(before.round, await this.#floor(before));
    const epochFloor = Math.max(before.epoch, await this.#epochFloor(before));
    // On disk before the first answer goes.
    await this.#files.replace(this.#floorPath(before), String(floor));
    await this.#files.replace(this.#epochFloorPath(before), String(epochFloor));
    let removed = 0;
    for (const name of await readdir(this.#dir)) {
      const [consortium, epoch = '', round = ''] = name.split('.');
      if (consortium !== before.consortium) continue;
      const isOver = Number(epoch) < epochFloor;
      const isOld = isOver || (Number(epoch) === before.epoch && Number(round) < floor);
      const isAnswer = /^\d+$/.test(round) && name.endsWith('.json');
      const isTorn = name.endsWith(this.#files.temporarySuffix);
      if (!(isAnswer && isOld) && !(isOver && round === 'floor') && !isTorn) continue;
      await unlink(join(this.#dir, name));
      if (isAnswer) removed++;
    }
    await this.#files.syncDirectory(this.#dir);
    return removed;
  }

  /** Rounds of the key's epoch below this one were pruned. */
  async #floor(key: RoundKey): Promise<number> {
    return this.#read(this.#floorPath(key), key, 'a damaged record of the rounds that were pruned');
  }

  /** Epochs of the key's consortium below this one were pruned. */
  async #epochFloor(key: RoundKey): Promise<number> {
    return this.#read(this.#epochFloorPath(key), key, 'a damaged record of the epochs that were pruned');
  }

  async #read(path: string, key: RoundKey, damaged: string): Promise<number> {
    const text = await this.#files.readIfThere(path);
    if (text === null) return 0;
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw alreadyAnswered(key, damaged);
  }

  /** Ids have no dots, so no two rounds share a name and none leaves the folder. */
  #prefix({ consortium, epoch, round }: RoundKey): string {
    checkShape(
      'ANSWER_INVALID',
      'round key',
      { consortium, epoch, round },
      { consortium: identifier, epoch: integer(0), round: integer(0) },
    );
    return `${consortium}.${epoch}`;
  }

  #floorPath(key: RoundKey): string {
    return join(this.#dir, `${this.#prefix(key)}.floor`);
  }

  #epochFloorPath(key: RoundKey): string {
    this.#prefix(key);
    return join(this.#dir, `${key.consortium}.epochs.floor`);
  }

  #path(key: RoundKey): string {
    return join(this.#dir, `${this.#prefix(key)}.${key.round}.json`);
  }
}

function alreadyAnswered({ consortium, epoch, round }: RoundKey, got: string): CryptoError {
  return new CryptoError('ALREADY_ANSWERED', {
    expected: `at most one answer for ${consortium}, epoch ${epoch}, round ${round}`,
    got,
    next: 'send the journalled answer again, or nothing',
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
