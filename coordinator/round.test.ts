import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '../crypto/public/encoding.ts';
import { LogVerifier } from '../crypto/public/log-verifier.ts';
import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import { signFields } from '../crypto/public/signed.ts';
import type { Contribution } from '../test/crypto-contribution.ts';
import { DrivenRound, plainSum } from '../test/driven-round.ts';
import { codeOf, endedRun, kindsOf } from '../test/round-over-network.ts';
import { TASK, TestCoordinator } from '../test/running-coordinator.ts';

let coordinator: TestCoordinator;
beforeAll(async () => {
  coordinator = await TestCoordinator.start(4);
});
afterAll(() => coordinator.stop());

let round: DrivenRound;
async function start(task: Parameters<typeof DrivenRound.start>[1] = {}): Promise<DrivenRound> {
  round = await DrivenRound.start(coordinator, task);
  return round;
}
afterEach(() => endedRun(coordinator, round));

describe('a whole round over the network', () => {
  it('publishes exactly the plain sum, in spite of wrong, foreign and doubled messages', async () => {
    await start();
    // ---- Advertise: a key of somebody else, a key of another round, a forged one
    const refusal = async (response: Response) => (await codeOf(response))[1];
    const { crypto } = round;
    expect(await refusal(await round.advertiseKeys('org-1', crypto.ephemeral('org-2').public))).toBe(
      'FORBIDDEN',
    );
    const earlier = coordinator.federation.round(round.number + 5).ephemeral('org-1');
    expect(await refusal(await round.advertiseKeys('org-1', earlier.public, earlier.keys))).toBe(
      'STALE_ROUND',
    );
    const { signature: _, ...fields } = crypto.ephemeral('org-3').public;
    const forged = signFields(coordinator.federation.key('org-2').sign, 'cordon/v1/ephemeral', fields);
    expect(await refusal(await round.advertiseKeys('org-3', forged))).toBe('SIGNATURE_INVALID');
    const { keys } = crypto.ephemeral('org-3');
    for (const wrong of [keys.subarray(1216), Buffer.concat([keys, keys.subarray(0, 1216)])]) {
      expect(await refusal(await round.advertiseKeys('org-3', undefined, wrong))).toMatch(
        /TRANSCRIPT_INVALID|MESSAGE_TOO_LARGE/,
      );
    }

    // ---- Announce
    const { transcript } = await round.announced();
    expect(transcript.committee.map(({ member }) => member)).toEqual(round.members);

    // ---- Upload
    const contributions: Contribution[] = [];
    for (const id of round.members) {
      const contribution = round.contribution(id);
      contributions.push(contribution);
      const { receipt } = await round.upload(contribution);
      expect(receipt?.entry.kind).toBe('upload');
    }

    // ---- Answer: for another set, of another seat, twice
    const two = round.client('org-2');
    await round.check(contributions);
    await two.state(({ phase }) => phase === 'opening');
    two.messages.length = 0;
    const good = await round.answer('org-2', contributions);
    const resigned = (changes: object) => {
      const { signature: _signature, ...rest } = { ...good, ...changes };
      return signFields(coordinator.federation.key('org-2').sign, 'cordon/v1/answer', rest);
    };
    for (const [bad, code] of [
      [resigned({ setHash: '0'.repeat(64) }), 'ANSWER_INVALID'],
      [resigned({ transcriptHash: '0'.repeat(64) }), 'ANSWER_INVALID'],
      [resigned({ committeeIndex: 1 }), 'ANSWER_INVALID'],
      [resigned({ round: round.number + 1 }), 'STALE_ROUND'],
      [{ ...good, member: 'org-1' }, 'FORBIDDEN'],
    ] as const) {
      two.messages.length = 0;
      round.sendAnswer('org-2', bad);
      expect((await two.error()).code).toBe(code);
    }
    round.sendAnswer('org-2', good);
    round.sendAnswer('org-2', good);
    for (const id of ['org-1', 'org-3', 'org-4']) round.sendAnswer(id, await round.answer(id, contributions));

    // ---- Audit
    await round.audited();

    // ---- Publish
    await two.state(({ phase, round: number }) => phase === 'published' && number === round.number);
    await two.state(({ phase }) => phase === 'idle');
    const response = await two.http('GET', `/v1/rounds/${round.number}/sum`);
    const bytes = Buffer.from(await response.arrayBuffer());
    const expected = plainSum(contributions);
    expect(Uint32Array.from({ length: expected.length }, (_value, i) => bytes.readUInt32LE(4 * i))).toEqual(
      expected,
    );
    expect(await kindsOf(round)).toEqual([
      'task',
      'announce',
      'upload',
      'upload',
      'upload',
      'upload',
      'close',
      'checked',
      'answer',
      'answer',
      'answer',
      'answer',
      'opened',
      'audit',
      'audit',
      'publish',
      'finish',
    ]);
    const verifier = new LogVerifier(nodePrimitives, coordinator.federation.chain);
    for (const entry of await two.log()) verifier.accept(entry);
  });

  it('without t answers it publishes nothing and says how many are missing', async () => {
    await start({ deadlines: { ...TASK.deadlines, openSeconds: 1 } });
    await round.announced();
    const contributions = round.members.map((id) => round.contribution(id));
    for (const contribution of contributions) await round.upload(contribution);
    await round.check(contributions);
    await round.client('org-1').state(({ phase }) => phase === 'opening');
    for (const id of ['org-1', 'org-2']) round.sendAnswer(id, await round.answer(id, contributions));
    await round.client('org-1').state(({ phase }) => phase === 'idle');
    const last = (await round.client('org-1').log()).at(-1)?.entry;
    expect(last?.kind === 'abort' && last.body).toMatchObject({
      code: 'COMMITTEE_UNAVAILABLE',
      got: '2 answered',
    });
    expect((await round.client('org-1').http('GET', `/v1/rounds/${round.number}/sum`)).status).toBe(404);
  });

  it('a well-formed answer that is wrong is left out with one to spare: what is published is the exact sum', async () => {
    await start();
    await round.announced();
    const contributions = round.members.map((id) => round.contribution(id));
    for (const contribution of contributions) await round.upload(contribution);
    await round.check(contributions);
    await round.client('org-1').state(({ phase }) => phase === 'opening');
    const { signature: _, ...honest } = await round.answer('org-1', contributions);
    const shares = Buffer.from(honest.shares, 'base64url');
    shares[100] = (shares[100] ?? 0) ^ 1;
    const wrong = signFields(coordinator.federation.key('org-1').sign, 'cordon/v1/answer', {
      ...honest,
      shares: toBase64Url(shares),
    });
    round.sendAnswer('org-1', wrong);
    for (const id of ['org-2', 'org-3', 'org-4']) round.sendAnswer(id, await round.answer(id, contributions));
    await round.audited();
    const client = round.client('org-1');
    await client.state(({ phase }) => phase === 'idle');
    expect(await kindsOf(round)).toContain('publish');
    const bytes = Buffer.from(
      await (await client.http('GET', `/v1/rounds/${round.number}/sum`)).arrayBuffer(),
    );
    const expected = plainSum(contributions);
    expect(Uint32Array.from({ length: expected.length }, (_value, i) => bytes.readUInt32LE(4 * i))).toEqual(
      expected,
    );
    const line = coordinator.lines.find((one) => one.includes('contradict each other'));
    expect(JSON.parse(line ?? '')).toMatchObject({ members: ['org-1'] });
  });

  it('a refusal full of control characters and half characters ends up short and plain in the log', async () => {
    await start();
    const got = '😀'.repeat(511);
    for (const id of ['org-1', 'org-2']) {
      round.client(id).send({
        type: 'refuse',
        run: round.run,
        round: round.number,
        phase: 'advertising',
        code: 'POLICY_REFUSED',
        expected: 'x',
        got,
        next: 'y',
      });
    }
    await round.client('org-3').state(({ phase }) => phase === 'idle');
    const last = (await round.client('org-3').log()).at(-1)?.entry;
    if (last?.kind !== 'abort') throw new Error('no abort');
    expect(last.body.code).toBe('POLICY_REFUSED');
    expect(last.body.got.isWellFormed()).toBe(true);
    expect(last.body.got.length).toBeLessThanOrEqual(1000);
  });
});
