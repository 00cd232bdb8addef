import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JointQuery } from '../../../test/joint-federation.ts';
import { nodePrimitives, systemRandom } from '../../identity/node-primitives.ts';
import { toHex } from '../../public/encoding.ts';
import { signFields } from '../../public/signed.ts';
import { BfvContext } from '../public/bfv-context.ts';
import { JointPublicKey } from '../public/joint-key.ts';
import { JointSession } from '../public/joint-session.ts';
import type { JointSharePublic } from '../public/key-reveal.ts';
import { packResidues, unpackResidues } from '../public/residues.ts';
import { JointShareSecret } from './joint-share.ts';

let context: BfvContext;
beforeAll(async () => {
  context = await BfvContext.create('worlds8192');
});
afterAll(() => context[Symbol.dispose]());

const sha = (bytes: Uint8Array): string => toHex(nodePrimitives.sha256(bytes));

/** A reveal with other fields, signed again by its member. */
function forge(
  query: JointQuery,
  share: JointSharePublic,
  change: Partial<JointSharePublic['reveal']>,
  key = share.key,
) {
  const { signature: _, ...fields } = share.reveal;
  const sign = query.federation.key(fields.member).sign;
  const reveal = signFields(sign, 'cordon/v1/joint-key-reveal', { ...fields, ...change });
  return { ...share, key, reveal };
}

describe('key generation', () => {
  it('refuses a rogue key: minus the others’ keys plus one’s own, chosen once those are revealed', () => {
    using query = new JointQuery(context, 3);
    const commitments = query.commitments();
    const reveals = query.reveals(commitments);
    const { ring, parameters, keyPrimes } = context;
    const keys = reveals.map(({ key }) => unpackResidues(key, parameters.degree, keyPrimes));
    const rogue = packResidues(
      ring.sum([keys[2]!, ring.negate(keys[0]!), ring.negate(keys[1]!)]),
      parameters.degree,
      keyPrimes,
    );
    const cheating = forge(query, reveals[2]!, { keyHash: sha(rogue) }, rogue);
    expect(() =>
      JointPublicKey.aggregate(query.session, commitments, [...reveals.slice(0, 2), cheating]),
    ).toThrow(/JOINT_KEY_INVALID.*the key that org-3 committed to/);
  });

  it('refuses a key without possession: the proof of another key, and a key copied from another member', () => {
    using query = new JointQuery(context, 2);
    const session = query.session;
    const [one, two] = query.members.map((member) => query.share(member));
    const mine = [one!.commit(), two!.commit()];
    const reveals = [one!.reveal(mine), two!.reveal(mine)];
    // org-2 commits to org-1's key in advance, as if it had guessed it, and reveals it with org-1's proof
    const copied = forge(
      query,
      { ...reveals[1]!, proof: reveals[0]!.proof, key: reveals[0]!.key },
      {
        keyHash: reveals[0]!.reveal.keyHash,
        proofHash: reveals[0]!.reveal.proofHash,
      },
    );
    const commitment = signFields(query.federation.key('org-2').sign, 'cordon/v1/joint-key-commitment', {
      member: 'org-2',
      transcriptHash: session.hash,
      commitment: toHex(
        nodePrimitives.sha256(
          new TextEncoder().encode(
            `cordon/v1/joint-key-opening\u0000${JSON.stringify({
              keyHash: copied.reveal.keyHash,
              member: 'org-2',
              nonce: copied.reveal.nonce,
              transcriptHash: session.hash,
            })}`,
          ),
        ),
      ),
    });
    const commitments = [mine[0]!, commitment];
    const seen = commitmentsHashOf(commitments);
    const first = forge(query, reveals[0]!, { commitmentsHash: seen });
    const second = forge(query, copied, { commitmentsHash: seen });
    expect(() => JointPublicKey.aggregate(session, commitments, [first, second])).toThrow(
      /proof that org-2 knows a short secret/,
    );
  });

  it('refuses a proof with any part changed', () => {
    using query = new JointQuery(context, 2);
    const commitments = query.commitments();
    const reveals = query.reveals(commitments);
    for (const at of [0, 40, 32 + 4 * 8192 + 4]) {
      const proof = reveals[0]!.proof.slice();
      proof[at] = (proof[at] ?? 0) ^ 1;
      const changed = { ...forge(query, reveals[0]!, { proofHash: sha(proof) }), proof };
      expect(() => JointPublicKey.aggregate(query.session, commitments, [changed, reveals[1]!])).toThrow(
        /proof that org-1/,
      );
    }
    const long = reveals[0]!.proof.slice();
    new DataView(long.buffer).setInt32(32, 2 ** 27, true);
    const large = { ...forge(query, reveals[0]!, { proofHash: sha(long) }), proof: long };
    expect(() => JointPublicKey.aggregate(query.session, commitments, [large, reveals[1]!])).toThrow(/proof/);
  });

  it('refuses a commitment that is missing, doubled, of a stranger, of another query, or signed by another', () => {
    using query = new JointQuery(context, 3);
    using other = new JointQuery(context, 3, { query: 'query-2' });
    const commitments = query.commitments();
    const [a, b, c] = commitments;
    const share = query.share('org-1');
    const stranger = { ...c!, member: 'org-9' };
    for (const bad of [
      [a!, b!],
      [a!, b!, b!],
      [a!, b!, c!, c!],
      [a!, b!, stranger],
    ]) {
      expect(() => share.reveal(bad)).toThrow(/JOINT_KEY_INVALID/);
    }
    expect(() => share.reveal([a!, b!, other.share('org-3').commit()])).toThrow(
      /JOINT_KEY_INVALID.*transcript/,
    );
    expect(() => share.reveal([a!, b!, { ...c!, commitment: b!.commitment }])).toThrow(/SIGNATURE_INVALID/);
    expect(share.step).toBe('committed'); // nothing was taken by what was refused
    expect(() => share.reveal(commitments)).not.toThrow();
  });

  it('stops where members saw different commitments, or somebody committed in one’s own name', () => {
    using query = new JointQuery(context, 2);
    const commitments = query.commitments();
    const twin = signFields(query.federation.key('org-2').sign, 'cordon/v1/joint-key-commitment', {
      member: 'org-2',
      transcriptHash: query.session.hash,
      commitment: 'ab'.repeat(32),
    });
    expect(() => query.share('org-2').reveal([commitments[0]!, twin])).toThrow(
      /the commitment that this member made/,
    );
    const shown = query.share('org-1').reveal([commitments[0]!, twin]);
    const honest = query.share('org-2').reveal(commitments);
    expect(() => JointPublicKey.aggregate(query.session, commitments, [shown, honest])).toThrow(
      /JOINT_KEY_INVALID.*same commitments/,
    );
  });

  it('refuses to join a joint key in which its own part was exchanged', () => {
    using query = new JointQuery(context, 2);
    const commitments = query.commitments();
    const reveals = query.reveals(commitments);
    using jointKey = JointPublicKey.aggregate(query.session, commitments, reveals);
    const changed = Object.create(jointKey, {
      keyHashes: { value: new Map([['org-1', 'ab'.repeat(32)]]) },
    }) as JointPublicKey;
    expect(() => query.share('org-1').join(changed)).toThrow(/JOINT_KEY_INVALID/);
    query.share('org-1').join(jointKey);
    expect(query.share('org-1').step).toBe('joined');
  });
});

describe('a transcript', () => {
  it('is refused with a stranger, another order, one member, another roster, or more than its parameters hold', () => {
    using query = new JointQuery(context, 3);
    const { transcript, roster } = query.session;
    const open = (change: object): unknown =>
      new JointSession(context, nodePrimitives, { ...transcript, ...change }, roster);
    for (const members of [['org-1'], ['org-2', 'org-1'], ['org-1', 'org-1'], ['org-1', 'org-9']]) {
      expect(() => open({ members })).toThrow(/TRANSCRIPT_INVALID|ROSTER_INVALID/);
    }
    expect(() => open({ rosterHash: 'ab'.repeat(32) })).toThrow(/TRANSCRIPT_INVALID/);
    expect(() => open({ epoch: 7 })).toThrow(/TRANSCRIPT_INVALID/);
    expect(() => open({ targetOwner: 'org-9' })).toThrow(/TRANSCRIPT_INVALID/);
    expect(() => open({ a: 0 })).toThrow(/TRANSCRIPT_INVALID/);
    expect(() => open({ crossings: 2 })).toThrow(/CONFIG_INVALID/);
    expect(() => open({ parameters: 'worlds16384' })).toThrow(/CONFIG_INVALID/);
    const { sign } = query.federation.key('org-1');
    expect(() => JointShareSecret.sample(query.session, 'org-9', { random: systemRandom, sign })).toThrow(
      /JOINT_KEY_INVALID/,
    );
  });
});

/** As `aggregateCommitments` has it, written out. */
function commitmentsHashOf(commitments: readonly object[]): string {
  return sha(
    new TextEncoder().encode(
      `cordon/v1/joint-key-commitments\u0000${JSON.stringify(
        commitments.map((one) =>
          Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))),
        ),
      )}`,
    ),
  );
}
