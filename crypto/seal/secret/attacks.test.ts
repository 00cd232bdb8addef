import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgePart, reshow } from '../../../test/forged-parts.ts';
import { JointQuery } from '../../../test/joint-federation.ts';
import { nodePrimitives, systemRandom } from '../../identity/node-primitives.ts';
import { toHex } from '../../public/encoding.ts';
import { signFields } from '../../public/signed.ts';
import { BfvContext } from '../public/bfv-context.ts';
import { SummedTarget } from '../public/blinded-target.ts';
import { switchTo } from '../public/evaluate.ts';
import { finalise } from '../public/finalise.ts';
import { JointPublicKey } from '../public/joint-key.ts';
import { JointTarget } from '../public/joint-target.ts';
import { JointSession } from '../public/joint-session.ts';
import type { JointSharePublic } from '../public/key-reveal.ts';
import { aggregatePartCommitments } from '../public/part-commitment.ts';
import { packResidues, unpackResidues } from '../public/residues.ts';
import { announceTarget } from './announce-target.ts';
import { JointEncryptor } from './joint-encryptor.ts';
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

describe('single use', () => {
  it('takes each step once and in order; every other call is KEY_SPENT and changes nothing', () => {
    const order = ['commit', 'reveal', 'join', 'blind', 'show', 'answer'] as const;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...order), { minLength: 3, maxLength: 12 }), (calls) => {
        using query = new JointQuery(context, 2);
        // what the calls need comes from a twin of org-1 where org-1 itself is not yet so far
        using twin = new JointQuery(context, 2);
        const { encryptor } = twin.join();
        using plain = encryptor.encryptZero(twin.session.plan.targetLevel);
        const [one, two] = query.members.map((member) => query.share(member));
        let commitments = twin.members.map((member) => ({
          member,
          transcriptHash: '',
          commitment: '',
          signature: '',
        }));
        let key = encryptor.jointKey;
        let under = encryptor;
        let { sum, target, held } = twin.blind(plain, encryptor);
        const theirs = two!.commit();
        const steps: Record<(typeof order)[number], () => void> = {
          commit: () => void (commitments = [one!.commit(), theirs]),
          reveal: () => {
            const mine = one!.reveal(commitments);
            key = query.own(
              JointPublicKey.aggregate(query.session, commitments, [mine, two!.reveal(commitments)]),
            );
          },
          join: () => {
            one!.join(key);
            two!.join(key);
            under = query.own(new JointEncryptor(key));
          },
          blind: () => {
            if (under.jointKey.session === query.session) target = query.target(plain, under);
            held = [one!.blind(target, under), two!.blind(target, under)];
          },
          show: () => {
            const parts = [one!.show(held), two!.show(held)];
            sum = query.own(SummedTarget.aggregate(target, held, parts));
          },
          answer: () => void one!.answer(sum),
        };
        let done = 0;
        for (const call of [...calls, ...order]) {
          if (order[done] === call) {
            steps[call]();
            done++;
          } else {
            const before = one!.step;
            expect(steps[call]).toThrow(/KEY_SPENT/);
            expect(one!.step).toBe(before);
          }
        }
        expect(done).toBeGreaterThan(0);
      }),
      { numRuns: 6, examples: [[['commit', 'commit', 'answer', 'reveal', 'join', 'blind', 'answer']]] },
    );
  }, 60_000);

  it('answers once: not a second time, not for another ciphertext, not after it was erased', () => {
    using query = new JointQuery(context, 2);
    const { encryptor } = query.join();
    using zero = encryptor.encryptZero(query.session.plan.targetLevel);
    const { target, held, parts, sum } = query.blind(zero, encryptor);
    const share = query.share('org-1');
    share.answer(sum);
    expect(() => share.answer(sum)).toThrow(/KEY_SPENT/);
    using again = SummedTarget.aggregate(target, held, parts);
    expect(() => share.answer(again)).toThrow(/KEY_SPENT/);
    expect(() => share.show(held)).toThrow(/KEY_SPENT/);
    expect(() => share.blind(target, encryptor)).toThrow(/KEY_SPENT/);
    query.share('org-2').erase();
    expect(() => query.share('org-2').answer(sum)).toThrow(/KEY_SPENT.*erased/);
    share.erase();
    share.erase();
    expect(share.step).toBe('erased');
    expect(JSON.stringify(share)).toBe('{"member":"org-1","step":"erased"}');
  });

  it('opens nothing of another query: not with its sum, its key, its encryptor, or its partials', () => {
    using one = new JointQuery(context, 2);
    using two = new JointQuery(context, 2, { query: 'query-2' });
    const first = one.join();
    const second = two.join();
    using zero = first.encryptor.encryptZero(one.session.plan.targetLevel);
    const foreign = one.target(zero, first.encryptor);
    expect(() => two.share('org-1').blind(foreign, first.encryptor)).toThrow(/JOINT_KEY_INVALID/);
    expect(() => two.share('org-1').blind(foreign, second.encryptor)).toThrow(/JOINT_KEY_INVALID/);
    const opened = one.blind(zero, first.encryptor);
    const unopened = two.blind(zero, second.encryptor);
    expect(() => two.share('org-1').answer(opened.sum)).toThrow(/JOINT_KEY_INVALID/);
    expect(two.share('org-1').step).toBe('shown');
    const old = one.members.map((member) => one.share(member).answer(opened.sum));
    const fresh = two.members.map((member) => two.share(member).answer(unopened.sum));
    expect(() => finalise(unopened.sum, [old[0]!, fresh[1]!])).toThrow(
      /JOINT_KEY_INVALID.*another query|transcript/,
    );
    expect(() => finalise(opened.sum, [old[0]!, old[0]!])).toThrow(/COMMITTEE_UNAVAILABLE/);
    expect(() => finalise(opened.sum, [...old, old[0]!])).toThrow(/COMMITTEE_UNAVAILABLE/);
  });

  it('refuses a sum with another part in its name, parts of different targets, and a partial for another sum', () => {
    using query = new JointQuery(context, 2);
    const { encryptor } = query.join();
    const level = query.session.plan.targetLevel;
    using zero = encryptor.encryptZero(level);
    const { target, held, parts, sum } = query.blind(zero, encryptor);
    // whoever has org-1's key commits and shows in its name, and is shown the same by org-2
    using exchanged = encryptor.encryptZero(level);
    const twin = forgePart(query, target, held[0]!, exchanged.toBytes());
    const others = [twin.commitment, held[1]!];
    const swapped = [
      twin.show(others),
      reshow(query, parts[1]!, { commitmentsHash: aggregatePartCommitments(target, others) }),
    ];
    using other = SummedTarget.aggregate(target, others, swapped);
    expect(() => query.share('org-1').answer(other)).toThrow(/JOINT_KEY_INVALID.*another part in its name/);
    const elsewhere = reshow(query, parts[0]!, { targetHash: 'ab'.repeat(32) });
    expect(() => SummedTarget.aggregate(target, held, [elsewhere, parts[1]!])).toThrow(
      /JOINT_KEY_INVALID.*another one from org-1/,
    );
    expect(() => SummedTarget.aggregate(target, held, [parts[0]!])).toThrow(/JOINT_KEY_INVALID/);
    const bytes = parts[0]!.bytes.slice();
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    expect(() => SummedTarget.aggregate(target, held, [{ ...parts[0]!, bytes }, parts[1]!])).toThrow(
      /DIGEST_MISMATCH/,
    );
    const partials = query.members.map((member) => query.share(member).answer(sum));
    expect(() => finalise(other, partials)).toThrow(/ANSWER_INVALID/);
  });

  it('blinds only what the owner of the target signed: no vector on the way, whoever passes it off as the target', () => {
    using query = new JointQuery(context, 3);
    const { encryptor } = query.join();
    const { jointKey } = encryptor;
    using vector = encryptor.encryptZero(query.session.plan.targetLevel);
    const owner = query.session.transcript.targetOwner;
    const announced = announceTarget(jointKey, vector, query.federation.key(owner).sign);
    const verify = (message: object, bytes = announced.bytes): unknown =>
      JointTarget.verify(jointKey, { message: { ...announced.message, ...message }, bytes });
    using good = JointTarget.verify(jointKey, announced);
    expect(good.hash).toBe(sha(announced.bytes));
    const by = (member: string): typeof announced =>
      announceTarget(jointKey, vector, query.federation.key(member).sign);
    expect(() => JointTarget.verify(jointKey, by('org-2'))).toThrow(/SIGNATURE_INVALID/);
    expect(() => verify({ ...by('org-2').message, member: 'org-2' })).toThrow(/JOINT_KEY_INVALID.*org-1/);
    expect(() => verify({ targetHash: 'ab'.repeat(32) })).toThrow(/SIGNATURE_INVALID/);
    expect(() => verify({ jointKeyHash: 'ab'.repeat(32) })).toThrow(/JOINT_KEY_INVALID/);
    expect(() => verify({ transcriptHash: 'ab'.repeat(32) })).toThrow(/JOINT_KEY_INVALID/);
    using other = encryptor.encryptZero(query.session.plan.targetLevel);
    expect(() => verify({}, other.toBytes())).toThrow(/DIGEST_MISMATCH/);
    using low = switchTo(vector, 1);
    expect(() => announceTarget(jointKey, low, query.federation.key(owner).sign)).toThrow(/SHAPE_MISMATCH/);
  });

  it('refuses a partial that was changed on the way, with and without its digest', () => {
    using query = new JointQuery(context, 2);
    const { encryptor } = query.join();
    using target = encryptor.encryptZero(query.session.plan.targetLevel);
    const { sum } = query.blind(target, encryptor);
    const [a, b] = query.members.map((member) => query.share(member).answer(sum));
    const bytes = a!.bytes.slice();
    bytes[3] = (bytes[3] ?? 0) ^ 4;
    expect(() => finalise(sum, [{ ...a!, bytes }, b!])).toThrow(/DIGEST_MISMATCH/);
    const forged = { ...a!, bytes, message: { ...a!.message, partialHash: sha(bytes) } };
    expect(() => finalise(sum, [forged, b!])).toThrow(/SIGNATURE_INVALID/);
    const { signature: _, ...fields } = forged.message;
    const sign = query.federation.key('org-1').sign;
    const signed = { bytes, message: signFields(sign, 'cordon/v1/joint-key-partial', fields) };
    expect(() => finalise(sum, [signed, b!])).toThrow(/NOISE_CHECK_FAILED/);
    expect([...finalise(sum, [b!, a!])].every((v) => v === 0)).toBe(true);
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
