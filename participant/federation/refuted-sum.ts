import Type, { type Static } from 'typebox';
import { readIfThere, writeDurably } from '../../crypto/identity/durable-file.ts';
import { check } from '../../protocol/codec/codec.ts';
import { CordonError, toCordonError } from '../../protocol/errors.ts';
import { Hash, closed } from '../../protocol/messages/fields.ts';
import type { OpenedView } from './opened-view.ts';

const Refutation = Type.Object(
  {
    round: Type.Integer({ minimum: 0 }),
    transcriptHash: Hash,
    sumRoot: Hash,
    chunk: Type.Integer({ minimum: 0 }),
    expected: Type.String(),
    got: Type.String(),
  },
  closed,
);
type Refutation = Static<typeof Refutation>;

/**
 * The last sum that this member recomputed from the signed uploads and found wrong. It holds the proof: whoever else has
 * signed for that sum, this member does not adopt it. It is on disk before the member objects, so that no restart forgets
 * it; an earlier one is of no use, because a round after it begins only where that sum was not published.
 */
export class RefutedSum {
  private readonly path: string;
  private known: Refutation | null;

  private constructor(path: string, known: Refutation | null) {
    this.path = path;
    this.known = known;
  }

  /** @throws CordonError LOG_INVALID where the file is damaged: it may be what this member must not forget */
  static async open(path: string): Promise<RefutedSum> {
    const text = await readIfThere(path);
    return new RefutedSum(path, text === null ? null : parse(path, text));
  }

  /** @param error why the published values of the chunk are not those of the uploads */
  async put({ set, body }: OpenedView, chunk: number, error: unknown): Promise<void> {
    const { expected, got } = toCordonError(error);
    const { transcriptHash, transcript } = set;
    const known = { round: transcript.round, transcriptHash, sumRoot: body.sumRoot, chunk, expected, got };
    await writeDurably(this.path, JSON.stringify(known));
    this.known = known;
  }

  /**
   * Before a published sum is adopted.
   * @throws CordonError AUDIT_FAILED naming those who signed for what this member has refuted
   */
  assertNot({ set, body, statements }: OpenedView): void {
    const { known } = this;
    if (known?.transcriptHash !== set.transcriptHash || known.sumRoot !== body.sumRoot) return;
    const { round, chunk } = known;
    const signers = new Set(
      statements.filter(({ from, to }) => from <= chunk && chunk < to).map(({ member }) => member),
    );
    throw new CordonError('AUDIT_FAILED', {
      expected: `a sum of round ${round} that is that of its uploads (${known.expected})`,
      got: `${known.got}, published with the signatures of ${[...signers].join(', ')}`,
      next:
        'take no part: either more members collude than the roster allows for, or this machine computes wrongly; ' +
        `keep ${this.path} and the coordinator's log and tell the consortium`,
    });
  }
}

function parse(path: string, text: string): Refutation {
  try {
    return check(Refutation, JSON.parse(text), 'refuted sum');
  } catch (cause) {
    const detail = {
      expected: `the sum that this member found wrong, in ${path}, as it wrote it`,
      got: 'something else',
      next: 'restore the file; without it this member could adopt a sum that it has refuted',
    };
    throw new CordonError('LOG_INVALID', detail, { cause });
  }
}
