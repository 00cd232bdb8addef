import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives, systemRandom } from '../../crypto/identity/node-primitives.ts';
import type { Transcript } from '../../crypto/public/transcript.ts';
import { toCordonError } from '../../protocol/errors.ts';
import { AdvertisedKeys } from '../../coordinator/rounds/advertised-keys.ts';
import { TestFederation, type TestRound } from '../../test/crypto-federation.ts';
import { TASK, quietLogger } from '../../test/running-coordinator.ts';
import { MODEL_LENGTH, OfflinePlane, TRAINING, trainingRun } from '../../test/training-member.ts';
import { contribute } from './contribute.ts';
import { OwnStore } from './own-store.ts';
import { RoundDiary } from './diary.ts';
import { Outbox } from './outbox.ts';
import type { SumStore } from './sum-store.ts';
import { DEFAULT_POLICY, checkPolicy } from './site-policy.ts';

const federation = new TestFederation(3);

let folder = '';
let plane: OfflinePlane;
let sums: SumStore;
let trained = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-contribute-'));
  plane = new OfflinePlane();
  sums = plane.freshSums(join(folder, 'sums'));
  trained = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function offered(
  transcript: Transcript,
  run = trainingRun(),
  policy = DEFAULT_POLICY,
  of = federation,
): Promise<string> {
  return contribute(transcript, run, {
    roster: of.roster,
    member: 'org-1',
    primitives: nodePrimitives,
    random: systemRandom,
    sign: of.key('org-1').sign,
    elapsed: () => 0,
    failpoint: () => false,
    logger: quietLogger(),
    bulk: plane.client,
    sums,
    own: new OwnStore(join(folder, 'own')),
    outbox: new Outbox(join(folder, 'outbox')),
    diary: new RoundDiary(join(folder, 'rounds'), false),
    policy,
    sketch: () => Promise.reject(new Error('no sketch here')),
    train: () => {
      trained += 1;
      return { values: new Uint32Array(MODEL_LENGTH), costs: {} };
    },
  }).then(
    () => 'accepted',
    (error: unknown) => toCordonError(error).code,
  );
}

/** What the coordinator hands out of a round's keys. */
function pairsFor(round: TestRound, contributor: string): Uint8Array {
  const keys = new AdvertisedKeys({ primitives: nodePrimitives, roster: round.federation.roster });
  for (const key of round.ephemerals.values()) keys.put(key.public, key.keys);
  return keys.pairsFor(contributor, round.transcript.committee);
}

async function transcriptWith(changes: Partial<Transcript> = {}): Promise<Transcript> {
  return (await roundWith(changes)).transcript;
}

/** The round that an honest coordinator announces, with changes. */
async function roundWith(changes: Partial<Transcript> = {}, of = federation): Promise<TestRound> {
  const { hash } = await trainingRun().model(sums);
  const { deadlines, quantiser, kMin } = TASK;
  return of.round(changes.round ?? 1, {
    run: TRAINING.run,
    taskHash: TRAINING.taskHash,
    modelHash: hash,
    length: MODEL_LENGTH,
    layout: quantiser.layout,
    valueBits: quantiser.bits,
    quantiser: { clipNorm: quantiser.clipNorm, bits: quantiser.bits },
    kMin,
    deadline: { collectSeconds: deadlines.collectSeconds, graceSeconds: deadlines.graceSeconds },
    ...changes,
  });
}

describe('an announced transcript', () => {
  it('that says what the task says is trained for', async () => {
    const round = await roundWith();
    plane.pairs = pairsFor(round, 'org-1');
    expect(await offered(round.transcript)).toBe('INTERNAL'); // gets as far as the upload, which is not here
    expect([trained, plane.calls]).toEqual([1, 1]);
  });

  it('with keys that its committee did not sign, or made for somebody else, gets nothing sealed to them', async () => {
    const round = await roundWith();
    const foreign = federation.round(1);
    for (const pairs of [pairsFor(round, 'org-2'), pairsFor(foreign, 'org-1')]) {
      plane.pairs = pairs;
      expect(await offered(round.transcript)).toBe('TRANSCRIPT_INVALID');
    }
    expect(plane.calls).toBe(0);
  });

  const { collectSeconds, graceSeconds } = TASK.deadlines;
  it.each<[string, Partial<Transcript>, string]>([
    ['another run', { run: 'run-ffffffffffffffff' }, 'TRANSCRIPT_INVALID'],
    ['another task', { taskHash: '0'.repeat(64) }, 'TRANSCRIPT_INVALID'],
    ['a longer vector', { length: MODEL_LENGTH + 1 }, 'TRANSCRIPT_INVALID'],
    ['a shorter vector', { length: 1 }, 'TRANSCRIPT_INVALID'],
    ['another layout', { layout: '4x19', valueBits: 16 }, 'TRANSCRIPT_INVALID'],
    ['narrower values', { valueBits: 15, quantiser: { clipNorm: 1, bits: 15 } }, 'TRANSCRIPT_INVALID'],
    ['another quantiser', { quantiser: { clipNorm: 1, bits: 8 } }, 'TRANSCRIPT_INVALID'],
    ['a larger clip norm', { quantiser: { clipNorm: 1000, bits: 16 } }, 'TRANSCRIPT_INVALID'],
    ['another time to collect', { deadline: { collectSeconds: 1, graceSeconds } }, 'TRANSCRIPT_INVALID'],
    ['another grace', { deadline: { collectSeconds, graceSeconds: 0 } }, 'TRANSCRIPT_INVALID'],
    ['a floor below every roster', { kMin: 2 }, 'TRANSCRIPT_INVALID'],
    ['no committee', { committee: [] }, 'TRANSCRIPT_INVALID'],
    ['another consortium', { consortium: 'other' }, 'TRANSCRIPT_INVALID'],
    ['another epoch', { epoch: 9 }, 'TRANSCRIPT_INVALID'],
    ['another roster', { rosterHash: '0'.repeat(64) }, 'TRANSCRIPT_INVALID'],
    ['a round after the run', { round: 3 }, 'STALE_ROUND'],
    ['a model of the coordinator', { modelHash: '1'.repeat(64) }, 'MODEL_MISMATCH'],
  ])('with %s is refused before anything is trained or sent', async (_, changes, code) => {
    expect(await offered(await transcriptWith(changes))).toBe(code);
    expect([trained, plane.calls]).toEqual([0, 0]);
  });

  it("with a floor below the roster's is refused, though the task says the same", async () => {
    for (const [kMin, code, times] of [
      [3, 'INTERNAL', 1], // gets as far as the upload, which is not here
      [4, 'TRANSCRIPT_INVALID', 0],
    ] as const) {
      const of = new TestFederation(4, { kMin });
      const round = await roundWith({}, of);
      expect(round.transcript.kMin).toBe(3);
      plane.pairs = pairsFor(round, 'org-1');
      [trained, plane.calls] = [0, 0];
      expect(await offered(round.transcript, trainingRun(), DEFAULT_POLICY, of)).toBe(code);
      expect([trained, plane.calls]).toEqual([times, times]);
    }
  });

  it('with keys of the round before, of a stranger, or with an `a` of its own is refused', async () => {
    const good = await transcriptWith();
    const stale = (await transcriptWith({ round: 2 })).committee;
    expect(await offered({ ...good, committee: stale })).toBe('TRANSCRIPT_INVALID');
    const strangers = new TestFederation(3).round(1).transcript.committee;
    expect(await offered({ ...good, committee: strangers })).toBe('SIGNATURE_INVALID');
    expect(await offered({ ...good, a: '0' } as Transcript)).toBe('TRANSCRIPT_INVALID');
    expect([trained, plane.calls]).toEqual([0, 0]);
  });
});

describe('the site policy', () => {
  it('wins over the task, names its rule, and is asked before anything is trained', async () => {
    const code = (changes: object) => {
      try {
        checkPolicy({ ...DEFAULT_POLICY, ...changes }, TASK);
        return 'allowed';
      } catch (error) {
        const { code: refusal, expected, got } = toCordonError(error);
        return `${refusal}: ${expected}, ${got}`;
      }
    };
    expect(code({})).toBe('allowed');
    expect(code({ leastCohort: 3, mostRounds: 1 })).toBe('allowed');
    expect(code({ leastCohort: 4 })).toBe('POLICY_REFUSED: a cohort of at least 4, 3');
    expect(code({ tasks: [] })).toBe('POLICY_REFUSED: a task of no kind, train-edge-scorer');
    expect(code({ mostRounds: 0 })).toBe('POLICY_REFUSED: at most 0 rounds, 1');
    expect(await offered(await transcriptWith(), trainingRun(), { ...DEFAULT_POLICY, leastCohort: 4 })).toBe(
      'POLICY_REFUSED',
    );
    expect([trained, plane.calls]).toEqual([0, 0]);
  });
});
