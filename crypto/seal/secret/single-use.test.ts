import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgePart, reshow } from '../../../test/forged-parts.ts';
import { JointQuery } from '../../../test/joint-federation.ts';
import { nodePrimitives } from '../../identity/node-primitives.ts';
import { toHex } from '../../public/encoding.ts';
import { signFields } from '../../public/signed.ts';
import { BfvContext } from '../public/bfv-context.ts';
import { SummedTarget } from '../public/blinded-target.ts';
import { switchTo } from '../public/evaluate.ts';
import { finalise } from '../public/finalise.ts';
import { JointPublicKey } from '../public/joint-key.ts';
import { JointTarget } from '../public/joint-target.ts';
import { aggregatePartCommitments } from '../public/part-commitment.ts';
import { announceTarget } from './announce-target.ts';
import { JointEncryptor } from './joint-encryptor.ts';

let context: BfvContext;
beforeAll(async () => {
  context = await BfvContext.create('worlds8192');
});
afterAll(() => context[Symbol.dispose]());

const sha = (bytes: Uint8Array): string => toHex(nodePrimitives.sha256(bytes));

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
