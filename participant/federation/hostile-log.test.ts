import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { durableFiles } from '../../crypto/identity/durable-file.ts';
import { nodePrimitives, systemRandom } from '../../crypto/identity/node-primitives.ts';
import type { AuditStatement } from '../../crypto/public/audit-statement.ts';
import { toBase64Url, toHex } from '../../crypto/public/encoding.ts';
import { hashObject } from '../../crypto/public/hash-object.ts';
import type { SignedEpoch } from '../../crypto/public/epoch.ts';
import { appendEntry, headOf } from '../../crypto/public/log.ts';
import { manifestHash } from '../../crypto/public/manifest.ts';
import { merkleRoot } from '../../crypto/public/merkle.ts';
import { signFields } from '../../crypto/public/signed.ts';
import type { Transcript } from '../../crypto/public/transcript.ts';
import { setHash } from '../../crypto/public/answer.ts';
import { AnswerJournal } from '../../crypto/secret/answer-journal.ts';
import { weightCount } from '../../models/detection/architecture.ts';
import { initialWeights } from '../../models/detection/edge-scorer.ts';
import { edgeScorer } from '../../models/detection/feature-sets.ts';
import { modelHash } from '../../models/detection/model-hash.ts';
import { decode, encode } from '../../protocol/codec/codec.ts';
import { toCordonError } from '../../protocol/errors.ts';
import { splitAdvertisement } from '../../protocol/messages/advertisement.ts';
import type { EphemeralPublicMessage } from '../../protocol/messages/ephemeral-public.ts';
import type { ClientMessage, State } from '../../protocol/messages/control.ts';
import { type LogBody, SignedLogEntryMessage } from '../../protocol/messages/log-entry.ts';
import type { Task } from '../../protocol/task.ts';
import { type LogStep, TestFederation, type TestRound } from '../../test/crypto-federation.ts';
import { TASK, bookOf, quietLogger } from '../../test/running-coordinator.ts';
import type { BulkClient } from '../api/bulk-client.ts';
import { CommitteeSeat } from '../committee/serve.ts';
import { RoundDiary } from './diary.ts';
import { LogFollower } from './log-follower.ts';
import { Member } from './member.ts';
import { Outbox } from './outbox.ts';
import { SumStore } from './sum-store.ts';
import { DEFAULT_POLICY, type SitePolicy } from './site-policy.ts';

/** A coordinator that signs whatever it likes: every log here has good hashes and signatures, and lies. */
const federation = new TestFederation(4);
const RUN = 'run-0123456789abcdef';
const OTHERS = ['org-2', 'org-3', 'org-4'];
const hashOf = (task: Task) => hashObject(nodePrimitives, 'cordon/v1/task', task);
const architecture = edgeScorer(TASK.model);
const firstModel = (task: Task) =>
  modelHash(nodePrimitives.sha256, architecture, initialWeights(architecture, task.seed));

const taskStep = (task: Task, firstRound = 1, run = RUN): LogStep => [
  'task',
  { run, taskHash: hashOf(task), firstRound, task },
];

function roundOf(number: number, task: Task, changes: Partial<Transcript> = {}): TestRound {
  const { quantiser, deadlines } = task;
  return federation.round(number, {
    run: RUN,
    taskHash: hashOf(task),
    modelHash: firstModel(task),
    length: weightCount(architecture),
    layout: quantiser.layout,
    valueBits: quantiser.bits,
    quantiser: { clipNorm: quantiser.clipNorm, bits: quantiser.bits },
    kMin: task.kMin,
    deadline: { collectSeconds: deadlines.collectSeconds, graceSeconds: deadlines.graceSeconds },
    ...changes,
  });
}

const ZERO_SUM = new Uint8Array(4 * weightCount(architecture));

const uploads = (round: TestRound, members: readonly string[]) =>
  members.map((member) => round.upload(round.manifest(member)));

const state = (phase: State['phase'], round: number, logSize: number, run = RUN): State => ({
  type: 'state',
  phase,
  run,
  round,
  step: 1,
  steps: 1,
  logSize,
  done: 0,
  expected: 4,
  waitingFor: [],
});

let folder: string;
let sent: ClientMessage[];
let offered: readonly SignedEpoch[];
let log: SignedLogEntryMessage[];
let trained: number;
let fetched: number;
let advertised: EphemeralPublicMessage[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-hostile-'));
  sent = [];
  offered = federation.chain.epochs;
  trained = 0;
  fetched = 0;
  advertised = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function memberWith(policy: Partial<SitePolicy> = {}, known = federation): Promise<Member> {
  const modules = {
    epochs: await bookOf(known),
    roster: federation.roster,
    member: 'org-1',
    primitives: nodePrimitives,
    random: systemRandom,
    sign: federation.key('org-1').sign,
    publicKey: federation.key('org-1').publicKey,
    elapsed: () => performance.now(),
    failpoint: () => false,
    logger: quietLogger(),
  };
  const plane = {
    log: (from: number) => Promise.resolve(log.slice(from, from + 50)),
    epoch: (number: number) => Promise.resolve(offered[number] ?? null),
    sum: () => Readable.from([ZERO_SUM]),
    auditWanted: () => Promise.resolve({ ranges: [] }),
    advertise: (body: Uint8Array) => {
      advertised.push(splitAdvertisement(body).key);
      return Promise.resolve();
    },
    pairs: () => Promise.reject(new Error('no keys here')),
    shares: () => {
      fetched += 1;
      return Promise.reject(new Error('no shares here'));
    },
    beginUpload: () => Promise.reject(new Error('no upload here')),
  } as unknown as BulkClient;
  const diary = new RoundDiary(join(folder, 'rounds'), false);
  const journal = new AnswerJournal(join(folder, 'answers'), durableFiles);
  return new Member({
    ...modules,
    diary,
    bulk: plane,
    sums: new SumStore(join(folder, 'sums'), plane, nodePrimitives),
    policy: { ...DEFAULT_POLICY, ...policy },
    outbox: new Outbox(join(folder, 'outbox')),
    follower: await LogFollower.open(join(folder, 'head.json'), nodePrimitives, modules.epochs),
    seatIn: (roster) => CommitteeSeat.of({ ...modules, roster, bulk: plane, journal, diary }),
    token: () => 'token',
    send: (message) => void sent.push(message),
    isHandled: () => Promise.resolve(false),
    onFinished: () => Promise.resolve(),
    train: () => {
      trained += 1;
      return { values: new Uint32Array(weightCount(architecture)), costs: {} };
    },
  });
}

/** Another log, for a member that has not seen one before. */
async function rewrite(...steps: readonly LogStep[]): Promise<void> {
  await rm(join(folder, 'head.json'), { force: true });
  write(...steps);
}

function write(...steps: readonly LogStep[]): void {
  log = roundOf(1, TASK)
    .log(...steps)
    .map((entry) => decode(SignedLogEntryMessage, encode(entry)));
}

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

const code = (work: Promise<void>) =>
  work.then(
    () => 'accepted',
    (error: unknown) => toCordonError(error).code,
  );
const refusals = () => sent.flatMap((message) => (message.type === 'refuse' ? [message.code] : []));

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
    await rewrite(...steps);
    return code((await memberWith()).act(state('published', 1, log.length)));
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

describe('what the coordinator may not have a member do', () => {
  const announced = (task: Task, changes: Partial<Transcript> = {}) => {
    const round = roundOf(1, task, changes);
    return { round, steps: [taskStep(task), round.announce()] };
  };

  it('help to open a round that breaks the site policy, though it is already closed', async () => {
    const { round, steps } = announced(TASK);
    write(...steps, ...uploads(round, OTHERS), round.close());
    await (await memberWith({ leastCohort: 4 })).act(state('opening', 1, log.length));
    expect(refusals()).toEqual(['POLICY_REFUSED']);
    expect(fetched).toBe(0);
  });

  it('help to open a round whose transcript is not that of the task, or whose model it did not compute', async () => {
    for (const change of [{ quantiser: { clipNorm: 90, bits: 16 } }, { modelHash: '4'.repeat(64) }]) {
      const { round, steps } = announced(TASK, change);
      await rewrite(...steps, ...uploads(round, OTHERS), round.close());
      await (await memberWith()).act(state('opening', 1, log.length));
    }
    expect(refusals()).toEqual(['TRANSCRIPT_INVALID', 'MODEL_MISMATCH']);
    expect(fetched).toBe(0);
  });

  it('take back a refusal by false states of other rounds in between', async () => {
    const { round, steps } = announced(TASK, { modelHash: '4'.repeat(64) });
    write(...steps);
    const member = await memberWith();
    await member.act(state('collecting', 1, log.length));
    await member.act(state('advertising', 9, log.length, 'run-ffffffffffffffff'));
    log = [...log, ...closing(round, log)];
    await member.act(state('opening', 1, log.length));
    expect(trained).toBe(0);
    expect(fetched).toBe(0);
    expect(new Set(refusals())).toEqual(new Set(['MODEL_MISMATCH']));
  });

  it('give up the key of a round in progress for a round that it only speaks of', async () => {
    const { steps } = announced({ ...TASK, rounds: 5 });
    write(steps[0] ?? taskStep(TASK));
    const member = await memberWith();
    await member.act(state('advertising', 1, log.length));
    write(...steps);
    await member.act(state('advertising', 2, log.length));
    expect(advertised).toHaveLength(1);
    expect(sent).toEqual([]);
  });

  it('train twice from one model, once a sum of such updates may have been opened', async () => {
    const first = roundOf(1, TASK);
    const again: Task = { ...TASK, name: 'again' };
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
    write(...past(['org-1', 'org-2', 'org-3']));
    await (await memberWith()).act(state('collecting', 2, log.length, 'run-ffffffffffffffff'));
    expect(refusals()).toEqual(['POLICY_REFUSED']);
    expect(trained).toBe(0);
    // Where its own update was in no sum, there is nothing to subtract.
    await rewrite(...past(OTHERS));
    await (
      await memberWith()
    )
      .act(state('collecting', 2, log.length, 'run-ffffffffffffffff'))
      .catch(() => undefined);
    expect(trained).toBe(1);
  });

  it('contribute more often than its budget, over all runs', async () => {
    const steps: LogStep[] = [];
    for (const number of [1, 2]) {
      const task: Task = { ...TASK, seed: number };
      const round = roundOf(number, task);
      steps.push(taskStep(task, number), round.announce(), ...uploads(round, ['org-1', 'org-2', 'org-3']));
      steps.push(round.close(), [
        'abort',
        { run: RUN, round: number, code: 'X', expected: '', got: '', next: '' },
      ]);
    }
    const task: Task = { ...TASK, seed: 3 };
    write(...steps, taskStep(task, 3), roundOf(3, task).announce());
    await (await memberWith({ mostContributions: 2 })).act(state('collecting', 3, log.length));
    expect(refusals()).toEqual(['POLICY_REFUSED']);
    expect(trained).toBe(0);
  });

  it.each([
    ['a single step', { steps: 1 }],
    ['more examples than the site gives', { steps: 5000, batch: 65_536 }],
  ])('train with %s', async (_what, training) => {
    const { steps } = announced({ ...TASK, training: { ...TASK.training, ...training } });
    write(...steps);
    await (await memberWith()).act(state('collecting', 1, log.length));
    expect(refusals()).toEqual(['POLICY_REFUSED']);
    expect(trained).toBe(0);
  });
});

describe('roster epochs in a log that lies', () => {
  const grown = federation.next(5);
  const [, entered] = grown.opening();
  if (!entered) throw new Error('no epoch');
  const act = async (phase: State['phase'], known = federation, offers = grown.chain.epochs) => {
    offered = offers;
    const member = await memberWith({}, known);
    return code(member.act(state(phase, 1, log.length)));
  };

  it('an epoch that the coordinator offers is entered if enough members signed it, whoever offers it', async () => {
    await rewrite(entered, taskStep(TASK));
    expect(await act('advertising')).toBe('accepted');
    expect(advertised).toMatchObject([{ epoch: 1 }]);
  });

  it.each<[string, (epoch: SignedEpoch) => SignedEpoch[]]>([
    ['with too few signatures', ({ roster, signatures }) => [{ roster, signatures: signatures.slice(1) }]],
    ['of another roster than the log names', () => federation.next(6).chain.epochs.slice(1)],
    ['that the coordinator does not give', () => []],
  ])('an epoch %s is not entered, and nothing after it is believed', async (_, change) => {
    await rewrite(taskStep(TASK), entered, taskStep(TASK, 2, 'run-fedcba9876543210'));
    const [first, second] = grown.chain.epochs;
    if (!first || !second) throw new Error('no epochs');
    expect(await act('advertising', federation, [first, ...change(second)])).toBe('EPOCH_INVALID');
    expect(sent).toEqual([]);
  });

  it('an epoch in the middle of a round is refused', async () => {
    await rewrite(taskStep(TASK), roundOf(1, TASK).announce(), entered);
    expect(await act('collecting')).toBe('LOG_INVALID');
    expect(trained).toBe(0);
  });

  it('a member that knows a later epoch takes no part in a round of an earlier one', async () => {
    await rewrite(taskStep(TASK), roundOf(1, TASK).announce());
    expect(await act('collecting', grown)).toBe('accepted');
    expect(refusals()).toEqual(['EPOCH_INVALID']);
    expect(trained).toBe(0);
    await rewrite(taskStep(TASK));
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
    await rewrite(change, taskStep(TASK));
    expect(await act('advertising', federation, after.chain.epochs)).toBe('ROSTER_INVALID');
    expect(sent).toEqual([]);
  });
});
