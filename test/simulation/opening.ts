import { addChunk, createAccumulator, packedSum } from '../../crypto/public/accumulator.ts';
import { type Answer, shareSumOf } from '../../crypto/public/answer.ts';
import type { AuditedSum, AuditStatement } from '../../crypto/public/audit-statement.ts';
import { StripeAudit } from '../../crypto/public/audit-sum.ts';
import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import { fromHex, toHex, uint32ToBytes } from '../../crypto/public/encoding.ts';
import { CryptoError } from '../../crypto/public/errors.ts';
import { interpolateAnswers } from '../../crypto/public/key-sum.ts';
import { type SumOpener, openSum } from '../../crypto/public/open-sum.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import { signFields } from '../../crypto/public/signed.ts';
import { SumTree } from '../../crypto/public/sum-tree.ts';
import { AuditDesk } from '../../coordinator/rounds/audit-desk.ts';
import type { Contribution } from '../crypto-contribution.ts';
import type { TestFederation } from '../crypto-federation.ts';

/** The sum of a round that the coordinator has opened, and its audit. Vectors have one chunk. */
export class Opening {
  /** What is published. */
  readonly values: Uint32Array;
  readonly desk: AuditDesk;
  /** Committee indices whose answers were left out. */
  readonly leftOut: readonly number[];
  readonly #set: ContributorSet;
  readonly #uploads: readonly Contribution[];
  readonly #federation: TestFederation;
  readonly #primitives: PublicPrimitives;
  readonly #opener: SumOpener;

  /**
   * @param falseSum whether the coordinator is dishonest: what it publishes is not what the uploads give
   * @throws what `interpolateAnswers` and `SumOpener.openChunk` throw
   */
  constructor(
    set: ContributorSet,
    answers: readonly Answer[],
    uploads: readonly Contribution[],
    falseSum: boolean,
    modules: { readonly federation: TestFederation; readonly primitives: PublicPrimitives },
  ) {
    this.#set = set;
    this.#uploads = uploads;
    this.#federation = modules.federation;
    this.#primitives = modules.primitives;
    const { roster } = this.#federation;
    const { transcript, transcriptHash, setHash } = set;
    const accumulator = createAccumulator();
    for (const { member } of set.contributors) addChunk(accumulator, this.#chunk(member));
    const opens = (keySum: Int32Array): boolean => {
      try {
        return this.#openerOf(keySum).openChunk(0, packedSum(accumulator)).length > 0;
      } catch {
        return false;
      }
    };
    const found = interpolateAnswers(
      roster.threshold,
      answers.map(shareSumOf),
      set.contributors.length,
      opens,
    );
    this.leftOut = found.leftOut;
    this.#opener = this.#openerOf(found.keySum);
    this.values = this.#opener.openChunk(0, packedSum(accumulator));
    if (falseSum) this.values[0] = (this.values[0] ?? 0) + 1;
    const tree = new SumTree(this.#primitives, transcript.layout);
    tree.update(uint32ToBytes(this.values));
    const sum: AuditedSum = { transcript, transcriptHash, setHash, sumRoot: toHex(tree.root()) };
    this.desk = new AuditDesk(sum, this.#primitives, roster, 500);
  }

  /** What an auditor says: its statement on the one chunk, recomputed from all uploads; null where the sum is wrong. */
  audit(member: string): AuditStatement | null {
    const set = this.#set;
    const range = { from: 0, to: 1 };
    const audit = new StripeAudit(this.#primitives, range, 1);
    try {
      for (const contributor of set.contributors) {
        audit.add(contributor.manifest, this.#chunk(contributor.member));
        audit.close(contributor.manifest, []);
      }
      audit.compare(this.#opener, 0, uint32ToBytes(this.values));
    } catch (error) {
      if (!(error instanceof CryptoError) || error.code !== 'AUDIT_FAILED') throw error;
      return null;
    }
    const { consortium, epoch, round } = set.transcript;
    const { transcriptHash, setHash, sumRoot } = this.desk.sum;
    const fields = { consortium, epoch, round, member, transcriptHash, setHash, sumRoot, ...range };
    return signFields(this.#federation.key(member).sign, 'cordon/v1/audit', fields);
  }

  #openerOf(keySum: Int32Array): SumOpener {
    const { transcript, transcriptHash, contributors } = this.#set;
    return openSum(this.#primitives, {
      transcriptHash: fromHex(transcriptHash, 32),
      keySum,
      members: contributors.length,
      layout: transcript.layout,
      length: transcript.length,
    });
  }

  #chunk(member: string): Uint8Array {
    const chunk = this.#uploads.find((one) => one.member === member)?.chunks[0];
    if (chunk === undefined) throw new Error(`no upload of ${member}`);
    return chunk;
  }
}
