import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import type { SignedEpoch } from '../../crypto/public/epoch.ts';
import { appendEntry, headOf } from '../../crypto/public/log.ts';
import type { Transcript } from '../../crypto/public/transcript.ts';
import { decode, encode } from '../../protocol/codec/codec.ts';
import type { State } from '../../protocol/messages/control.ts';
import { SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { TrainTask } from '../../protocol/task.ts';
import type { LogStep, TestFederation, TestRound } from '../../test/crypto-federation.ts';
import { TASK } from '../../test/running-coordinator.ts';
import {
  federation,
  RUN,
  OTHERS,
  taskStep,
  roundOf,
  uploads,
  state,
  LyingCoordinator,
  code,
} from '../../test/lying-coordinator.ts';

let lies: LyingCoordinator;
beforeEach(async () => {
  lies = await LyingCoordinator.start();
});
afterEach(() => lies.stop());

/** What the same coordinator appends to the log so far: uploads of the others and the close. */
function closing(round: TestRound, before: readonly SignedLogEntryMessage[]): SignedLogEntryMessage[] {
  let head = headOf(before.at(-1) ?? fail());
  return [...uploads(round, OTHERS), round.close()].map(([kind, body]) => {
    const entry = appendEntry(nodePrimitives, federation.coordinator.sign, head, { time: 5000, kind, body });
    head = headOf(entry);
    return decode(SignedLogEntryMessage, encode(entry));
  });
}

function fail(): never {
  throw new Error('an empty log');
}

const refusals = () => lies.sent.flatMap((message) => (message.type === 'refuse' ? [message.code] : []));

describe('what the coordinator may not have a member do', () => {
  const announced = (task: TrainTask, changes: Partial<Transcript> = {}) => {
    const round = roundOf(1, task, changes);
    return { round, steps: [taskStep(task), round.announce()] };
  };

  it('help to open a round that breaks the site policy, though it is already closed', async () => {
    const { round, steps } = announced(TASK);
    lies.write(...steps, ...uploads(round, OTHERS), round.close());
    await (await lies.memberWith({ leastCohort: 4 })).act(state('opening', 1, lies.log.length));
    expect(refusals()).toEqual(['POLICY_REFUSED']);
    expect(lies.fetched).toBe(0);
  });

  it('help to open a round whose transcript is not that of the task, or whose model it did not compute', async () => {
    for (const change of [{ quantiser: { clipNorm: 90, bits: 16 } }, { modelHash: '4'.repeat(64) }]) {
      const { round, steps } = announced(TASK, change);
      await lies.rewrite(...steps, ...uploads(round, OTHERS), round.close());
      await (await lies.memberWith()).act(state('opening', 1, lies.log.length));
    }
    expect(refusals()).toEqual(['TRANSCRIPT_INVALID', 'MODEL_MISMATCH']);
    expect(lies.fetched).toBe(0);
  });

  it('take back a refusal by false states of other rounds in between', async () => {
    const { round, steps } = announced(TASK, { modelHash: '4'.repeat(64) });
    lies.write(...steps);
    const member = await lies.memberWith();
    await member.act(state('collecting', 1, lies.log.length));
    await member.act(state('advertising', 9, lies.log.length, 'run-ffffffffffffffff'));
    lies.log = [...lies.log, ...closing(round, lies.log)];
    await member.act(state('opening', 1, lies.log.length));
    expect(lies.trained).toBe(0);
    expect(lies.fetched).toBe(0);
    expect(new Set(refusals())).toEqual(new Set(['MODEL_MISMATCH']));
  });

  it('give up the key of a round in progress for a round that it only speaks of', async () => {
    const { steps } = announced({ ...TASK, rounds: 5 });
    lies.write(steps[0] ?? taskStep(TASK));
    const member = await lies.memberWith();
    await member.act(state('advertising', 1, lies.log.length));
    lies.write(...steps);
    await member.act(state('advertising', 2, lies.log.length));
    expect(lies.advertised).toHaveLength(1);
    expect(lies.sent).toEqual([]);
  });

  it('take part in two rounds of one number, of whatever run', async () => {
    const { steps } = announced(TASK);
    const other: TrainTask = { ...TASK, seed: 9 };
    const run = 'run-ffffffffffffffff';
    const abort: LogStep = ['abort', { run: RUN, round: 1, code: 'X', expected: '', got: '', next: '' }];
    lies.write(...steps, abort, taskStep(other, 1, run), roundOf(1, other, { run }).announce());
    const acted = (await lies.memberWith()).act(state('collecting', 1, lies.log.length, run));
    expect(await code(acted)).toBe('LOG_INVALID');
    expect(lies.trained).toBe(0);
  });

  const end = (round: number, run = RUN): LogStep => [
    'abort',
    { run, round, code: 'X', expected: '', got: '', next: '' },
  ];
  const OTHER = 'run-ffffffffffffffff';

  it.each([
    ['another number within the run', end(2)],
    ['a number far ahead', end(1e9)],
  ])('take the open round for over by an abort of %s', async (_, abort) => {
    const { steps } = announced({ ...TASK, rounds: 5 });
    lies.write(...steps, abort);
    expect(await code((await lies.memberWith()).act(state('idle', 1, lies.log.length)))).toBe('LOG_INVALID');
  });

  it.each([
    ['a number far ahead', 1e9],
    ['a round of the run that is not its turn', 5],
    ['a round before the run', 2],
  ])('take rounds to come for over by an abort between rounds, of %s', async (_, number) => {
    lies.write(taskStep({ ...TASK, rounds: 5 }, 3), end(number));
    expect(await code((await lies.memberWith()).act(state('idle', 3, lies.log.length)))).toBe('LOG_INVALID');
  });

  it('leave an open round, or miss later ones, by the abort of a run that is not known', async () => {
    const { steps } = announced(TASK);
    lies.write(...steps, end(1e9, OTHER));
    lies.receipting = roundOf(1, TASK);
    await (await lies.memberWith()).act(state('collecting', 1, lies.log.length));
    expect(lies.trained).toBe(1);
  });

  it('mind the late end of an earlier run, which a full disk kept out of the log', async () => {
    const first: TrainTask = { ...TASK, seed: 9 };
    const { steps } = announced(TASK);
    lies.write(taskStep(first, 1, OTHER), taskStep(TASK, 2), roundOf(2, TASK).announce(), end(1, OTHER));
    lies.receipting = roundOf(2, TASK);
    const member = await lies.memberWith();
    expect(await code(member.act(state('collecting', 2, lies.log.length)))).toBe('accepted');
    expect(lies.trained).toBe(1);
    // The other way round: the earlier round was never ended, and the later run fails before its own.
    await lies.rewrite(...steps, taskStep(first, 2, OTHER), end(2, OTHER), taskStep(TASK, 3));
    await (await lies.memberWith()).act(state('advertising', 3, lies.log.length));
    expect(lies.advertised).toMatchObject([{ round: 3 }]);
  });

  it('stay in a round that leaves out the update for which it holds a receipt', async () => {
    const { round, steps } = announced(TASK);
    lies.write(...steps);
    lies.receipting = round;
    const member = await lies.memberWith();
    expect(await code(member.act(state('collecting', 1, lies.log.length)))).toBe('accepted');
    expect(lies.trained).toBe(1);
    lies.log = [...lies.log, ...closing(round, lies.log)];
    expect(await code(member.act(state('checking', 1, lies.log.length)))).toBe('LOG_INVALID');
    expect(lies.fetched).toBe(0);
  });

  it('train twice from one model, once a sum of such updates may have been opened', async () => {
    const first = roundOf(1, TASK);
    const again: TrainTask = { ...TASK, name: 'again' };
    const second = roundOf(2, again, { run: 'run-ffffffffffffffff' });
    const failed = { run: RUN, round: 1, code: 'X', expected: '', got: '', next: '' };
    const past = (members: readonly string[]): LogStep[] => [
      taskStep(TASK),
      first.announce(),
      ...uploads(first, members),
      first.close(),
      ['abort', failed],
      taskStep(again, 2, 'run-ffffffffffffffff'),
      second.announce(),
    ];
    lies.write(...past(['org-1', 'org-2', 'org-3']));
    await (await lies.memberWith()).act(state('collecting', 2, lies.log.length, 'run-ffffffffffffffff'));
    expect(refusals()).toEqual(['POLICY_REFUSED']);
    expect(lies.trained).toBe(0);
    // Where its own update was in no sum, there is nothing to subtract.
    await lies.rewrite(...past(OTHERS));
    await (
      await lies.memberWith()
    )
      .act(state('collecting', 2, lies.log.length, 'run-ffffffffffffffff'))
      .catch(() => undefined);
    expect(lies.trained).toBe(1);
  });

  it('contribute more often than its budget, over all runs', async () => {
    const steps: LogStep[] = [];
    for (const number of [1, 2]) {
      const task: TrainTask = { ...TASK, seed: number };
      const round = roundOf(number, task);
      steps.push(taskStep(task, number), round.announce(), ...uploads(round, ['org-1', 'org-2', 'org-3']));
      steps.push(round.close(), [
        'abort',
        { run: RUN, round: number, code: 'X', expected: '', got: '', next: '' },
      ]);
    }
    const task: TrainTask = { ...TASK, seed: 3 };
    lies.write(...steps, taskStep(task, 3), roundOf(3, task).announce());
    await (await lies.memberWith({ mostContributions: 2 })).act(state('collecting', 3, lies.log.length));
    expect(refusals()).toEqual(['POLICY_REFUSED']);
    expect(lies.trained).toBe(0);
  });

  it.each([
    ['a single step', { steps: 1 }],
    ['more examples than the site gives', { steps: 5000, batch: 65_536 }],
  ])('train with %s', async (_what, training) => {
    const { steps } = announced({ ...TASK, training: { ...TASK.training, ...training } });
    lies.write(...steps);
    await (await lies.memberWith()).act(state('collecting', 1, lies.log.length));
    expect(refusals()).toEqual(['POLICY_REFUSED']);
    expect(lies.trained).toBe(0);
  });
});

describe('roster epochs in a log that lies', () => {
  const grown = federation.next(5);
  const [, entered] = grown.opening();
  if (!entered) throw new Error('no epoch');
  const act = async (phase: State['phase'], known = federation, offers = grown.chain.epochs) => {
    lies.offered = offers;
    const member = await lies.memberWith({}, known);
    return code(member.act(state(phase, 1, lies.log.length)));
  };

  it('an epoch that the coordinator offers is entered if enough members signed it, whoever offers it', async () => {
    await lies.rewrite(entered, taskStep(TASK));
    expect(await act('advertising')).toBe('accepted');
    expect(lies.advertised).toMatchObject([{ epoch: 1 }]);
  });

  it.each<[string, (epoch: SignedEpoch) => SignedEpoch[]]>([
    ['with too few signatures', ({ roster, signatures }) => [{ roster, signatures: signatures.slice(1) }]],
    ['of another roster than the log names', () => federation.next(6).chain.epochs.slice(1)],
    ['that the coordinator does not give', () => []],
  ])('an epoch %s is not entered, and nothing after it is believed', async (_, change) => {
    await lies.rewrite(taskStep(TASK), entered, taskStep(TASK, 2, 'run-fedcba9876543210'));
    const [first, second] = grown.chain.epochs;
    if (!first || !second) throw new Error('no epochs');
    expect(await act('advertising', federation, [first, ...change(second)])).toBe('EPOCH_INVALID');
    expect(lies.sent).toEqual([]);
  });

  it('an epoch in the middle of a round is refused', async () => {
    await lies.rewrite(taskStep(TASK), roundOf(1, TASK).announce(), entered);
    expect(await act('collecting')).toBe('LOG_INVALID');
    expect(lies.trained).toBe(0);
  });

  it('a member that knows a later epoch takes no part in a round of an earlier one', async () => {
    await lies.rewrite(taskStep(TASK), roundOf(1, TASK).announce());
    expect(await act('collecting', grown)).toBe('accepted');
    expect(refusals()).toEqual(['EPOCH_INVALID']);
    expect(lies.trained).toBe(0);
    await lies.rewrite(taskStep(TASK));
    expect(await act('advertising', grown)).toBe('accepted');
    expect(refusals()).toEqual(['EPOCH_INVALID', 'EPOCH_INVALID']);
  });

  it.each([
    [
      'leaves it out',
      (): TestFederation => {
        const members = federation.roster.members.slice(1).map((one, i) => ({ ...one, index: i + 1 }));
        return federation.next(4, { members, committee: OTHERS, threshold: 3 });
      },
    ],
    ['names another key for it', (): TestFederation => federation.next(4, {}, ['org-1'])],
  ])('a member stops at the epoch that %s', async (_, next) => {
    const after = next();
    const [, change] = after.opening();
    if (!change) throw new Error('no epoch');
    await lies.rewrite(change, taskStep(TASK));
    expect(await act('advertising', federation, after.chain.epochs)).toBe('ROSTER_INVALID');
    expect(lies.sent).toEqual([]);
  });
});
