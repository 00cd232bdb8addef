import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, writeDurably } from '../../crypto/identity/durable-file.ts';
import { makeFolder } from '../../crypto/identity/make-folder.ts';
import { namesIn } from '../../crypto/identity/small-read.ts';
import { check } from '../../protocol/codec/codec.ts';
import { OwnSketch, StoredAnswer, inOrderOfVisibility } from './stored-answer.ts';

/** Name of the file of an answer, and of what this member put into its sum. */
const NAME = /^(run-[0-9a-f]{16})-(\d+)\.(answer|own)\.json$/;

/**
 * The answers of all periods in the state folder, a file each, mode 600. An answer says from when on in event time it is
 * visible; that is fixed when it is written and never changes, so that a replay of the events sees what live events saw.
 */
export class AnswerStore {
  private readonly directory: string;
  private readonly listeners: ((answer: StoredAnswer) => void)[] = [];

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Told of every new answer once it stands on disk. */
  onAnswer(listener: (answer: StoredAnswer) => void): void {
    this.listeners.push(listener);
  }

  /** The answer of a round, or null. @throws CordonError MESSAGE_MALFORMED for a file that is none */
  async read(run: string, round: number): Promise<StoredAnswer | null> {
    const text = await readIfThere(this.path(run, round, 'answer'));
    return text === null ? null : check(StoredAnswer, JSON.parse(text), 'stored answer');
  }

  /** On disk before it returns; one that is there stays as it is. */
  async put(answer: StoredAnswer): Promise<void> {
    await makeFolder(this.directory);
    await writeDurably(this.path(answer.run, answer.round, 'answer'), JSON.stringify(answer));
    await rm(this.path(answer.run, answer.round, 'own'), { force: true });
    for (const listener of this.listeners) listener(answer);
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

  /** Removes what is of earlier epochs: the keys are gone, and nothing can be looked up in it any more. */
  async dropBefore(epoch: number): Promise<void> {
    for (const { run, round, kind } of this.files()) {
      const found = await (kind === 'answer' ? this.read(run, round) : this.readOwn(run, round));
      if (found && found.epoch < epoch) await rm(this.path(run, round, kind), { force: true });
    }
  }

  private async readOwn(run: string, round: number): Promise<OwnSketch | null> {
    const text = await readIfThere(this.path(run, round, 'own'));
    return text === null ? null : check(OwnSketch, JSON.parse(text), 'stored sketch');
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
