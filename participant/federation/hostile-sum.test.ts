import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import type { AuditStatement } from '../../crypto/public/audit-statement.ts';
import { toBase64Url, toHex } from '../../crypto/public/encoding.ts';
import { manifestHash } from '../../crypto/public/manifest.ts';
import { merkleRoot } from '../../crypto/public/merkle.ts';
import { signFields } from '../../crypto/public/signed.ts';
import { setHash } from '../../crypto/public/answer.ts';
import { type LogBody } from '../../protocol/messages/log-entry.ts';
import { type LogStep } from '../../test/crypto-federation.ts';
import { TASK } from '../../test/running-coordinator.ts';
import {
  federation,
  RUN,
  OTHERS,
  taskStep,
  roundOf,
  ZERO_SUM,
  state,
  LyingCoordinator,
  code,
} from '../../test/lying-coordinator.ts';

let lies: LyingCoordinator;
beforeEach(async () => {
  lies = await LyingCoordinator.start();
});
afterEach(() => lies.stop());

describe('a sum that the log does not bear out', () => {
  const round = roundOf(1, TASK);
  const manifests = OTHERS.map((member) => round.manifest(member));
  const set = manifests.map((manifest) => ({
    member: manifest.member,
    manifestHash: manifestHash(nodePrimitives, manifest),
  }));
  const digest = setHash(nodePrimitives, set);
  const before: LogStep[] = [
    taskStep(TASK),
    round.announce(),
    ...manifests.map((manifest) => round.upload(manifest)),
    round.close(),
    round.checked(manifests),
  ];
  const zeros = OTHERS.map((member): LogStep => {
    const { signature: _, ...fields } = round.answer(member, digest);
    const { sign } = federation.key(member);
    const shares = toBase64Url(new Uint8Array(8704));
    return ['answer', { answer: signFields(sign, 'cordon/v1/answer', { ...fields, shares }) }];
  });
  const shared = { run: RUN, round: 1, transcriptHash: round.hash, members: 3, setHash: digest };
  const sumHash = toHex(nodePrimitives.sha256(ZERO_SUM));
  const sumRoot = toHex(merkleRoot(nodePrimitives, [ZERO_SUM]));
  const opened: LogBody<'opened'> = {
    ...shared,
    keySum: toBase64Url(new Uint8Array(4 * 4096)),
    sumHash,
    sumRoot,
    sumBytes: ZERO_SUM.length,
  };
  const published = { ...shared, sumHash, modelHash: '1'.repeat(64) };
  const statement = (member: string, changes: Partial<AuditStatement> = {}, signer = member): LogStep => {
    const { consortium, epoch } = federation.roster;
    const sum = { consortium, epoch, round: 1, member, transcriptHash: round.hash, setHash: digest, sumRoot };
    const fields = { ...sum, from: 0, to: 1, ...changes };
    return ['audit', { statement: signFields(federation.key(signer).sign, 'cordon/v1/audit', fields) }];
  };
  const result = async (...steps: LogStep[]) => {
    await lies.rewrite(...steps);
    return code((await lies.memberWith()).act(state('published', 1, lies.log.length)));
  };
  const withOpened = (changes: Partial<LogBody<'opened'>> = {}) =>
    result(...before, ...zeros, ['opened', { ...opened, ...changes }]);
  const withPublished = (audits: readonly LogStep[], changes: Partial<LogBody<'publish'>> = {}) =>
    result(...before, ...zeros, ['opened', opened], ...audits, ['publish', { ...published, ...changes }]);
  const two = [statement('org-2'), statement('org-4')];

  it('is refused without announce, close and answers of the committee', async () => {
    expect(await withOpened()).toBe('accepted');
    expect(await result(taskStep(TASK), ['opened', opened])).toBe('LOG_INVALID');
    expect(await result(taskStep(TASK), round.announce(), ['opened', opened])).toBe('LOG_INVALID');
    expect(await result(...before, ['opened', opened])).toBe('LOG_INVALID');
  });

  it.each<[string, Partial<LogBody<'opened'>>]>([
    ['another transcript', { transcriptHash: '2'.repeat(64) }],
    ['another set', { setHash: '3'.repeat(64) }],
    ['another number of contributors', { members: 4 }],
    ['another length', { sumBytes: 4 }],
    ['a key that does not follow from the answers', { keySum: `E${'A'.repeat(21_845)}` }],
  ])('is refused with %s', async (_what, change) => {
    expect(await withOpened(change)).toBe('LOG_INVALID');
  });

  it('is refused unless some t of the answers give its key, where the answers contradict each other', async () => {
    const contradicting: LogStep = ['answer', { answer: round.answer('org-1', digest) }];
    const steps = [...before, ...zeros, contradicting];
    expect(await result(...steps, ['opened', opened])).toBe('accepted');
    const other = { ...opened, keySum: `E${'A'.repeat(21_845)}` };
    expect(await result(...steps, ['opened', other])).toBe('LOG_INVALID');
  });

  it('is refused when it is opened twice, published without an opening, or as another one', async () => {
    expect(await result(...before, ...zeros, ['opened', opened], ['opened', opened])).toBe('LOG_INVALID');
    expect(await result(...before, ...zeros, ...two, ['publish', published])).toBe('LOG_INVALID');
    expect(await result(...before, ...zeros, ['publish', published])).toBe('LOG_INVALID');
    for (const change of [{ sumHash: '5'.repeat(64) }, { setHash: '5'.repeat(64) }, { members: 4 }]) {
      expect(await withPublished(two, change)).toBe('LOG_INVALID');
    }
  });

  it('counts with statements of cRoster + 1 members for every chunk, and the model must follow from it', async () => {
    expect(await withPublished(two)).toBe('accepted');
    expect(await withPublished([...two, statement('org-1'), statement('org-2')])).toBe('accepted');
    // Audited as it is, but the model that the coordinator names is not the one that follows from it.
    const finish: LogStep = ['finish', { run: RUN, rounds: 1, modelHash: published.modelHash }];
    const steps: LogStep[] = [
      ...before,
      ...zeros,
      ['opened', opened],
      ...two,
      ['publish', published],
      finish,
    ];
    expect(await result(...steps)).toBe('MODEL_MISMATCH');
  });

  it.each<[string, readonly LogStep[]]>([
    ['nobody', []],
    ['too few', [statement('org-2')]],
    ['one member twice', [statement('org-2'), statement('org-2')]],
    ['auditors of another round', [statement('org-2'), statement('org-4', { round: 2 })]],
    ['auditors of another sum', [statement('org-2'), statement('org-4', { sumRoot: '6'.repeat(64) })]],
    ['auditors of another set', [statement('org-2'), statement('org-4', { setHash: '6'.repeat(64) })]],
    ['a stranger', [statement('org-2'), statement('org-4', { member: 'stranger' })]],
    ['somebody who signs for another', [statement('org-2'), statement('org-4', {}, 'org-2')]],
    ['auditors of chunks that are not there', [statement('org-2'), statement('org-4', { from: 0, to: 2 })]],
  ])('is adopted by nobody when it was audited by %s', async (_what, audits) => {
    expect(await withPublished(audits)).toMatch(/^(LOG|SIGNATURE|ROSTER)_INVALID$/);
  });
});
