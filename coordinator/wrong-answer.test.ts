import { afterEach, beforeEach, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url } from '../crypto/public/encoding.ts';
import { signFields } from '../crypto/public/signed.ts';
import type { ClientMessage } from '../protocol/messages/control.ts';
import { DrivenMember, oneHot, until } from '../test/driven-member.ts';
import { TASK, TestCoordinator } from '../test/running-coordinator.ts';

let coordinator: TestCoordinator;
let members: DrivenMember[] = [];
beforeEach(async () => {
  coordinator = await TestCoordinator.start(4);
  members = [];
  for (let i = 1; i <= 4; i++) {
    members.push(await DrivenMember.start(`org-${i}`, coordinator, { train: oneHot(i) }));
  }
});
afterEach(async () => {
  for (const member of members) await member.stop();
  await coordinator.stop();
});

/** Another element in the first place, and a good signature over it. */
function lie(message: ClientMessage): ClientMessage {
  if (message.type !== 'answer') return message;
  const { signature: _, ...fields } = message.answer;
  const shares = fromBase64Url(fields.shares).slice();
  shares[0] = (shares[0] ?? 0) ^ 1;
  const { sign } = coordinator.federation.key(fields.member);
  const answer = signFields(sign, 'cordon/v1/answer', { ...fields, shares: toBase64Url(shares) });
  return { type: 'answer', answer };
}

it('t + 1 answers of which one is wrong: the sum opens without it, is audited and adopted; who was left out is told', async () => {
  const [liar] = members;
  if (liar) liar.lying = lie;
  const operator = await coordinator.operate();
  expect((await operator.message('POST', '/v1/runs', TASK)).status).toBe(201);
  await until(members, () => members.every(({ finished }) => finished.length === 1));
  const entries = (await operator.log()).map(({ entry }) => entry);
  operator.close();
  const answered = entries.flatMap((entry) => (entry.kind === 'answer' ? [entry.body.answer.member] : []));
  expect(answered.sort()).toEqual(['org-1', 'org-2', 'org-3', 'org-4']);
  expect(entries.filter(({ kind }) => kind === 'publish')).toHaveLength(1);
  const line = coordinator.lines.find((one) => one.includes('contradict each other'));
  expect(JSON.parse(line ?? '')).toMatchObject({ members: ['org-1'] });
  for (const member of members) expect(member.finished[0]).toEqual(members[1]?.finished[0]);
});
