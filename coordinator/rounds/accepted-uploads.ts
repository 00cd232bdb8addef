import { manifestHash } from '../../crypto/public/manifest.ts';
import type { PublicPrimitives } from '../../crypto/public/primitives.ts';
import type { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { ManifestMessage } from '../../protocol/messages/manifest.ts';
import { conflicting } from './refusals.ts';

/** The uploads of one round that stand in the log, one a member. */
export class AcceptedUploads {
  private readonly primitives: PublicPrimitives;
  private readonly byMember = new Map<string, { manifestHash: string; receipt: SignedLogEntryMessage }>();

  constructor(primitives: PublicPrimitives) {
    this.primitives = primitives;
  }

  /**
   * The receipt of this very upload; null where its member has none yet.
   * @throws CordonError CONFLICTING_UPDATE where that is of another upload
   */
  receiptOf(manifest: ManifestMessage): SignedLogEntryMessage | null {
    const before = this.byMember.get(manifest.member);
    if (!before) return null;
    if (before.manifestHash === manifestHash(this.primitives, manifest)) return before.receipt;
    throw conflicting(manifest.member);
  }

  /** @param digest `manifestHash` of the upload that the receipt is for */
  put(member: string, digest: string, receipt: SignedLogEntryMessage): void {
    this.byMember.set(member, { manifestHash: digest, receipt });
  }
}
