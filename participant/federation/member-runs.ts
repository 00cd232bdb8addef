import type { LogBody, LogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { MemberModules } from './member.ts';
import type { RunView } from './run-view.ts';
import { checkPolicy, checkShares } from './site-policy.ts';
import { SketchRun } from './sketch-run.ts';
import { TrainingRun } from './training-run.ts';
import { unrulyLog } from './unruly-log.ts';

/** Entries of the log about the key of a run of a sketch task. */
type KeyEntry = Extract<LogEntryMessage, { kind: 'seal-key' | 'sealing' | 'key-part' | 'keyed' }>;

/** Whether an entry is one of those with which the members make a task key. */
export function isKeyEntry(entry: LogEntryMessage): entry is KeyEntry {
  const { kind } = entry;
  return kind === 'seal-key' || kind === 'sealing' || kind === 'key-part' || kind === 'keyed';
}

/** The runs that go on, as the log tells them, and what of sketch tasks is to be done beside their rounds. */
export class MemberRuns {
  private readonly runs = new Map<string, RunView>();
  /** What earlier epochs than this have left is to be erased. */
  private epochToDrop: number | null = null;

  get(id: string): RunView | undefined {
    return this.runs.get(id);
  }

  begin(body: LogBody<'task'>, modules: MemberModules): void {
    const { task } = body;
    const run =
      task.kind === 'count-sketch'
        ? new SketchRun({ ...body, task }, modules)
        : new TrainingRun({ ...body, task }, modules);
    this.runs.set(body.run, run);
  }

  end(id: string): void {
    this.runs.delete(id);
  }

  /** @throws CryptoError LOG_INVALID and others for what the protocol does not have in that place */
  learnKey({ kind, body }: KeyEntry): void {
    if (kind === 'seal-key') this.sketch(kind, body.sealKey.run).keying.addKey(body.sealKey);
    else if (kind === 'sealing') this.sketch(kind, body.run).keying.seal();
    else if (kind === 'key-part') this.sketch(kind, body.part.run).keying.addPart(body.part);
    else this.sketch(kind, body.run).keying.finish(body.keyHash);
  }

  /** Keys serve one epoch; runs under one that is over end with it. */
  enterEpoch(epoch: number): void {
    this.epochToDrop = epoch;
    for (const run of this.runs.values()) if (run instanceof SketchRun) this.runs.delete(run.run);
  }

  /** Keys and answers as soon as the log has them; those of earlier epochs are erased. */
  async settle({ keys, answers, sums }: Pick<MemberModules, 'keys' | 'answers' | 'sums'>): Promise<void> {
    if (this.epochToDrop !== null) {
      // Answers first: who reads them looks names up with the keys.
      try {
        await answers.dropBefore(this.epochToDrop);
      } finally {
        await keys.dropBefore(this.epochToDrop);
      }
      this.epochToDrop = null;
    }
    for (const run of this.runs.values()) {
      if (!(run instanceof SketchRun) || run.keying.keyHash === null) continue;
      await keys.settle(run);
      if (!run.settled) await run.standing(sums);
    }
  }

  /** This member's turn while the key of a run is made. @throws CordonError POLICY_REFUSED */
  makeKey(id: string, round: number, modules: MemberModules): void {
    const { policy, keys, roster, token, send } = modules;
    const run = this.runs.get(id);
    if (!(run instanceof SketchRun) || !run.has(round) || run.keying.keyHash !== null) return;
    checkPolicy(policy, run.task);
    checkShares(run.task, roster.cRoster);
    keys.takePart(run, token(), send);
  }

  /** The run whose key is being made. */
  private sketch(kind: string, id: string): SketchRun {
    const run = this.runs.get(id);
    if (run instanceof SketchRun) return run;
    throw unrulyLog(`the task of ${id} before its ${kind}`, 'a run of another kind, or none');
  }
}
