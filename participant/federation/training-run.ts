import { createHash } from 'node:crypto';
import { OpenFile } from '../../crypto/identity/open-file.ts';
import { filePieces } from '../../crypto/identity/small-read.ts';
import { bytesToUint32 } from '../../crypto/public/encoding.ts';
import type { Roster } from '../../crypto/public/roster.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { float32ToBytes } from '../../models/detection/model-hash.ts';
import type { Architecture } from '../../models/detection/model.ts';
import { architectureOf } from '../../models/detection/models.ts';
import { FederatedModel, type FederatedState } from '../../models/federated/federated-model.ts';
import { ownLength, type RoundStart } from '../../models/federated/own-state.ts';
import type { LogBody } from '../../protocol/messages/log-entry.ts';
import type { TrainTask } from '../../protocol/task.ts';
import { ByteReader } from '../api/byte-reader.ts';
import type { OwnStore } from './own-store.ts';
import { type RoundShape, RunView, otherHash, otherLength } from './run-view.ts';
import type { SumStore } from './sum-store.ts';

/** What a round stands on, and its hash; nobody changes it. */
interface Standing {
  readonly state: FederatedState;
  readonly hash: string;
}

/** Values of a sum that are held at once. */
const PIECE = 64 * 1024;

/** A run of training. Its first model follows from the task, every later one from the sums. */
export class TrainingRun extends RunView {
  readonly task: TrainTask;
  readonly shape: RoundShape;
  readonly federated: FederatedModel;
  private latest: Standing | null = null;
  /** Last round with an update of this member in its sum: what it keeps to itself is as of then. */
  private ownRound: number | null = null;

  /** @throws CordonError LOG_INVALID where the log names another hash than the task has */
  constructor(
    body: LogBody<'task'> & { readonly task: TrainTask },
    {
      primitives,
      roster,
    }: { readonly primitives: PublicPrimitives; readonly roster: Pick<Roster, 'members'> },
  ) {
    super(body, primitives);
    this.task = body.task;
    this.federated = new FederatedModel(body.task, roster.members.length);
    const { clipNorm, bits, layout } = body.task.quantiser;
    const { length } = this.federated.sent;
    this.shape = { length, layout, valueBits: bits, quantiser: { clipNorm, bits } };
  }

  get architecture(): Architecture {
    return architectureOf(this.task.model);
  }

  override published(opened: LogBody<'opened'>, publish: LogBody<'publish'>, own = false): void {
    super.published(opened, publish, own);
    if (own) this.ownRound = opened.round;
  }

  /**
   * What the next round begins with at this member.
   * @throws CordonError MODEL_MISMATCH, DIGEST_MISMATCH; DATA_NOT_FOUND where what it kept to itself is gone
   */
  async start({ sums, own: store }: { sums: SumStore; own: OwnStore }): Promise<RoundStart> {
    const { state } = await this.model(sums);
    const { federated } = this;
    const length = ownLength(federated);
    const own =
      length > 0 && this.ownRound !== null ? await store.read(this.run, this.ownRound, length) : null;
    return { federated, state, own };
  }

  /** Keeps what counts once this round's update is in the sum, on disk before this returns. */
  async keepOwn(store: OwnStore, round: number, own: Float32Array | null): Promise<void> {
    if (own) await store.put(this.run, round, own, this.ownRound);
  }

  async standing(sums: SumStore): Promise<string> {
    return (await this.model(sums)).hash;
  }

  /**
   * The model after every sum published so far, and what the optimiser keeps beside it.
   * @throws CordonError MODEL_MISMATCH, DIGEST_MISMATCH
   */
  async model(sums: SumStore): Promise<Standing> {
    let standing = (this.latest ??= this.first());
    for (let next = this.pending[0]; next; next = this.pending[0]) {
      standing = await this.update(standing, next.opened, sums);
      if (standing.hash !== next.hash) {
        throw otherHash('model', next.opened.round, standing.hash, next.hash);
      }
      this.latest = standing;
      this.pending.shift();
      sums.clear(next.opened.round);
    }
    return standing;
  }

  private first(): Standing {
    const state = this.federated.firstState();
    return { state, hash: this.federated.hash(this.primitives.sha256, state) };
  }

  /** From the sum's file, piece by piece, once for each vector: only the two states are held. */
  private async update({ state }: Standing, opened: LogBody<'opened'>, sums: SumStore): Promise<Standing> {
    const { federated, task } = this;
    const { shape, sent } = federated;
    if (opened.sumBytes !== 4 * sent.length) throw otherLength(4 * sent.length, opened.sumBytes);
    const path = await sums.fetch(opened, task.quantiser.layout);
    const behind = await valuesAt(path, shape.length, sent.length - shape.length);
    const update = federated.pieces(opened.members, behind);
    const sections = federated.sectionsAfter(!this.has(opened.round + 1));
    const hash = createHash('sha256').update(federated.hashStart(sections));
    const section = async (number: number): Promise<Float32Array> => {
      const length = federated.sectionLength(number);
      const next = new Float32Array(length);
      if (federated.isSingle(number)) {
        update(number, state, behind, next, 0);
        hash.update(float32ToBytes(next));
        return next;
      }
      const pieces = new ByteReader(filePieces(path, opened.sumBytes));
      try {
        for (let from = 0; from < length; from += PIECE) {
          const to = Math.min(length, from + PIECE);
          const sum = bytesToUint32(await pieces.read(4 * (to - from)));
          const before = state.map((one, i) => (federated.isSingle(i) ? one : one.subarray(from, to)));
          update(number, before, sum, next.subarray(from, to), from);
          hash.update(float32ToBytes(next.subarray(from, to)));
        }
      } finally {
        await pieces.close();
      }
      return next;
    };
    const after: [Float32Array, ...Float32Array[]] = [await section(0)];
    for (let number = 1; number < sections; number++) after.push(await section(number));
    return { state: after, hash: hash.digest('hex') };
  }
}

/** Some values of a sum's file. */
async function valuesAt(path: string, from: number, count: number): Promise<Uint32Array> {
  const file = OpenFile.open(path, 'r');
  try {
    const bytes = new Uint8Array(4 * count);
    await file.read(bytes, 4 * from);
    return bytesToUint32(bytes);
  } finally {
    await file.close();
  }
}
