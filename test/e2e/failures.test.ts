import { describe, expect, it } from 'vitest';
import { SMALL_MEMBERS, smallDemo } from './small-demo.ts';

/** Real processes; the failpoints damage what stands there, or send SIGKILL to their own process. */
describe('damage is noticed and the round aborts', () => {
  it.each([
    ['one ciphertext chunk of one member', 4, 'rail:participant.chunk=flip@2', 'NOISE_CHECK_FAILED'],
    ['one stored blob of the coordinator', 4, 'coordinator.blob=flip@2', 'BLOB_CORRUPT'],
    // All that the coordinator says of it is consistent; only those who recompute it can tell.
    ['one value of the published sum', 4, 'coordinator.wrong-sum=flip@2', 'AUDIT_FAILED'],
  ])('%s flipped', async (_what, members, failpoints, code) => {
    const report = await smallDemo({ members, failpoints });
    expect(report.run.status).toBe('failed');
    expect(report.failure?.code).toBe(code);
    expect(report.rounds.map(({ outcome }) => outcome)).toEqual(['published', 'failed']);
    expect(report.rounds[0]?.sumExact).toBe(true);
    expect(report.rounds[1]).not.toHaveProperty('sumExact');
  });
});

describe('a contributor whose share does not fit the others', () => {
  it('is proven to be at fault and left out: the round goes on and its sum is exact', async () => {
    const report = await smallDemo({ failpoints: 'rail:participant.share=flip@2', rounds: 3 });
    expect(report.run.status).toBe('finished');
    const [, without] = report.rounds.map(({ contributors }) => contributors.toSorted());
    expect(without).toEqual(SMALL_MEMBERS.filter((member) => member !== 'rail').toSorted());
    expect(report.rounds.map(({ contributors }) => contributors.length)).toEqual([4, 3, 4]);
    expect(report.rounds.every(({ sumExact }) => sumExact === true)).toBe(true);
  });

  it('with three members its removal leaves too few: the round fails and names it', async () => {
    const report = await smallDemo({ members: 3, failpoints: 'rail:participant.share=flip@2' });
    expect(report.failure?.code).toBe('COHORT_TOO_SMALL');
    expect(report.failure?.got).toBe('2 (bad shares of rail)');
    expect(report.rounds[1]).not.toHaveProperty('sumExact');
  });
});

describe('members that are killed', () => {
  it('four members, one killed after its upload: its update stays in the sum, the others go on', async () => {
    const report = await smallDemo({ failpoints: 'depot:participant.after-upload=kill@2', compare: true });
    expect(report.run.status).toBe('finished');
    const contributed = report.rounds.map(({ contributors }) => contributors.toSorted());
    const without = ['customs', 'port', 'rail'];
    expect(contributed).toEqual([
      [...SMALL_MEMBERS].toSorted(),
      [...SMALL_MEMBERS].toSorted(),
      without,
      without,
      without,
    ]);
    expect(report.rounds.every(({ sumExact }) => sumExact === true)).toBe(true);
    expect(report.modelEqualsPlaintext).toBe(true);
    expect(report.processes.filter(({ running }) => !running).map(({ name }) => name)).toEqual(['depot']);
  });

  it('four members, one killed before its upload: the round completes with three', async () => {
    const report = await smallDemo({ failpoints: 'port:participant.before-upload=kill@1', rounds: 2 });
    expect(report.run.status).toBe('finished');
    for (const { contributors, sumExact } of report.rounds) {
      expect(contributors.toSorted()).toEqual(['customs', 'depot', 'rail']);
      expect(sumExact).toBe(true);
    }
  });

  it('three members, one killed before its upload: COHORT_TOO_SMALL says that one more is needed', async () => {
    const report = await smallDemo({ members: 3, failpoints: 'rail:participant.before-upload=kill@2' });
    expect(report.failure?.code).toBe('COHORT_TOO_SMALL');
    expect(report.failure?.expected).toBe('at least 3 updates');
    expect(report.failure?.next).toMatch(/^1 more member is needed/);
    expect(report.rounds[1]).not.toHaveProperty('sumExact');
  });

  it('three members, one killed after its upload: COMMITTEE_UNAVAILABLE says that one more is needed', async () => {
    const report = await smallDemo({ members: 3, failpoints: 'rail:participant.after-upload=kill@2' });
    expect(report.failure?.code).toBe('COMMITTEE_UNAVAILABLE');
    expect(report.failure?.expected).toBe('3 of 3 committee members');
    expect(report.failure?.next).toMatch(/^1 more committee member is needed/);
    expect(report.rounds[1]).not.toHaveProperty('sumExact');
  });

  it('an auditor, killed when it is its turn: another one stands in, and every round is published', async () => {
    const report = await smallDemo({ failpoints: 'port:participant.before-audit=kill' });
    expect(report.run.status).toBe('finished');
    expect(report.rounds.map(({ outcome, sumExact }) => [outcome, sumExact])).toEqual(
      report.rounds.map(() => ['published', true]),
    );
    // Whose turn it is is drawn: in five rounds of two auditors out of four it is nearly always once that of this one.
    const last = report.rounds.at(-1)?.contributors ?? [];
    const dead = report.processes.filter(({ running }) => !running).map(({ name }) => name);
    expect([['port'], []]).toContainEqual(dead);
    if (dead.length === 0) expect(last).toHaveLength(4);
  });

  it('the coordinator, killed before it publishes: the demo says that it died', async () => {
    await expect(smallDemo({ failpoints: 'coordinator.before-publish=kill@1' })).rejects.toMatchObject({
      code: 'PROCESS_DIED',
    });
  });
});
