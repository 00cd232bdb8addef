import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives, systemRandom } from '../../crypto/identity/node-primitives.ts';
import { toHex, uint32ToBytes } from '../../crypto/public/encoding.ts';
import { hashObject } from '../../crypto/public/hash-object.ts';
import { merkleRoot } from '../../crypto/public/merkle.ts';
import type { Transcript } from '../../crypto/public/transcript.ts';
import { applyUpdate } from '../../models/detection/apply-update.ts';
import { weightCount } from '../../models/detection/architecture.ts';
import { modelHash } from '../../models/detection/model-hash.ts';
import { toCordonError } from '../../protocol/errors.ts';
import type { LogBody } from '../../protocol/messages/log-entry.ts';
import { AdvertisedKeys } from '../../coordinator/rounds/advertised-keys.ts';
import { TestFederation, type TestRound } from '../../test/crypto-federation.ts';
import { TASK, quietLogger } from '../../test/running-coordinator.ts';
import type { BulkClient } from '../api/bulk-client.ts';
import { contribute } from './contribute.ts';
import { RoundDiary } from './diary.ts';
import { Outbox } from './outbox.ts';
import { TrainingRun } from './training-run.ts';
import { SumStore } from './sum-store.ts';
import { DEFAULT_POLICY, checkPolicy } from './site-policy.ts';

const federation = new TestFederation(3);
const RUN = 'run-0123456789abcdef';
const TASK_HASH = hashObject(nodePrimitives, 'cordon/v1/task', TASK);
const BODY = { run: RUN, taskHash: TASK_HASH, firstRound: 1, task: { ...TASK, rounds: 2 } };
const body = { ...BODY, taskHash: hashObject(nodePrimitives, 'cordon/v1/task', BODY.task) };
const view = () => new TrainingRun(body, nodePrimitives);
const LENGTH = weightCount(view().architecture);

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 999) yield await Promise.resolve(bytes.subarray(at, at + 999));
}

/** A bulk plane that counts what a member asks of it and takes no upload. */
class Plane {
  calls = 0;
  sums = new Map<number, Uint8Array>();
  /** Keys made for this member, as the coordinator hands them out. */
  pairs: Uint8Array | null = null;
  client = {
    pairs: () => (this.pairs ? Promise.resolve(this.pairs) : Promise.reject(new Error('no keys here'))),
    sum: (round: number) => inPieces(this.sums.get(round) ?? new Uint8Array(0)),
    beginUpload: () => {
      this.calls += 1;
      return Promise.reject(new Error('not here'));
    },
  } as unknown as BulkClient;
}

let folder = '';
let plane: Plane;
let sums: SumStore;
let trained = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-contribute-'));
  plane = new Plane();
  sums = freshSums();
  trained = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What a process that has just started has. */
function freshSums(): SumStore {
  return new SumStore(join(folder, 'sums'), plane.client, nodePrimitives);
}

async function offered(
  transcript: Transcript,
  run = view(),
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
    outbox: new Outbox(join(folder, 'outbox')),
    diary: new RoundDiary(join(folder, 'rounds'), false),
    policy,
    sketch: () => Promise.reject(new Error('no sketch here')),
    train: () => {
      trained += 1;
      return { values: new Uint32Array(LENGTH), costs: {} };
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
  const { hash } = await view().model(sums);
  const { deadlines, quantiser, kMin } = TASK;
  return of.round(changes.round ?? 1, {
    run: RUN,
    taskHash: body.taskHash,
    modelHash: hash,
    length: LENGTH,
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
    ['a longer vector', { length: LENGTH + 1 }, 'TRANSCRIPT_INVALID'],
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
      expect(await offered(round.transcript, view(), DEFAULT_POLICY, of)).toBe(code);
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

describe('the run as a member sees it', () => {
  interface Published {
    readonly opened: LogBody<'opened'>;
    readonly publish: LogBody<'publish'>;
    readonly weights: Float32Array;
  }

  /** An honest publication of a sum of ones for round `round` after `before`. */
  function published(round: number, before: Float32Array): Published {
    const { bits } = TASK.quantiser;
    const sum = Uint32Array.from({ length: LENGTH }, (_, i) => 3 * 2 ** (bits - 1) + (i % 5));
    const bytes = uint32ToBytes(sum);
    plane.sums.set(round, bytes);
    const run = view();
    const weights = applyUpdate(run.architecture, before, sum, 3, TASK.quantiser);
    const hash = (digest: string) => digest.repeat(64);
    const shared = { run: RUN, round, transcriptHash: hash('0'), setHash: hash('0'), members: 3 };
    return {
      weights,
      opened: { ...shared, keySum: '', sumBytes: bytes.length, ...digestsOf(bytes) },
      publish: {
        ...shared,
        sumHash: digestsOf(bytes).sumHash,
        modelHash: modelHash(nodePrimitives.sha256, run.architecture, weights),
      },
    };
  }

  function digestsOf(bytes: Uint8Array): { sumHash: string; sumRoot: string } {
    return {
      sumHash: createHash('sha256').update(bytes).digest('hex'),
      sumRoot: toHex(merkleRoot(nodePrimitives, [bytes])),
    };
  }

  it('follows the published sums and refuses a tampered sum, another model and another size', async () => {
    const { weights } = await view().model(sums);
    const one = published(1, weights);
    const code = async (
      opened: Partial<LogBody<'opened'>>,
      publish: Partial<LogBody<'publish'>> = {},
      bytes?: Uint8Array,
    ) => {
      const run = view();
      run.published({ ...one.opened, ...opened }, { ...one.publish, ...publish });
      const genuine = plane.sums.get(1) ?? new Uint8Array(0);
      if (bytes) plane.sums.set(1, bytes);
      const result = await run.model(freshSums()).then(
        ({ hash }) => hash,
        (error: unknown) => toCordonError(error).code,
      );
      plane.sums.set(1, genuine);
      return result;
    };
    expect(await code({})).toBe(one.publish.modelHash);
    const tampered = (plane.sums.get(1) ?? new Uint8Array(0)).map((byte, i) => (i === 8 ? byte ^ 1 : byte));
    expect(await code({}, {}, tampered)).toBe('DIGEST_MISMATCH');
    const { sumHash, sumRoot } = digestsOf(tampered);
    expect(await code({ sumHash }, {}, tampered)).toBe('DIGEST_MISMATCH');
    expect(await code({ sumRoot }, {}, tampered)).toBe('DIGEST_MISMATCH');
    expect(await code({ sumHash, sumRoot }, {}, tampered)).toBe('MODEL_MISMATCH');
    expect(await code({}, { modelHash: '0'.repeat(64) })).toBe('MODEL_MISMATCH');
    expect(await code({ members: 2 })).toBe('MODEL_MISMATCH');
    expect(await code({ sumBytes: 4 })).toBe('MODEL_MISMATCH');
  });

  it('takes every round once and in order: a sum published twice or left out condemns the log', async () => {
    const { weights } = await view().model(sums);
    const one = published(1, weights);
    const two = published(2, one.weights);
    const run = view();
    const take = ({ opened, publish }: Published) => run.published(opened, publish);
    expect(() => take(two)).toThrow(/round 1/);
    take(one);
    expect(() => take(one)).toThrow(/round 2/);
    take(two);
    expect((await run.model(sums)).hash).toBe(two.publish.modelHash);
    // Each is on disk only until the model has been updated from it.
    expect(await readdir(join(folder, 'sums'))).toEqual([]);
  });

  it('refuses a task under the hash of another', () => {
    expect(() => new TrainingRun({ ...body, taskHash: '0'.repeat(64) }, nodePrimitives)).toThrow(/hash/);
    expect(() => new TrainingRun({ ...body, task: { ...TASK, seed: 8 } }, nodePrimitives)).toThrow(/hash/);
  });

  it('tries a sum again that did not come, without applying one twice', async () => {
    const { weights } = await view().model(sums);
    const one = published(1, weights);
    const bytes = plane.sums.get(1) ?? new Uint8Array(0);
    const run = view();
    run.published(one.opened, one.publish);
    plane.sums.delete(1);
    await expect(run.model(sums)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    plane.sums.set(1, bytes);
    expect((await run.model(sums)).hash).toBe(one.publish.modelHash);
    expect((await run.model(sums)).hash).toBe(one.publish.modelHash);
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
    expect(await offered(await transcriptWith(), view(), { ...DEFAULT_POLICY, leastCohort: 4 })).toBe(
      'POLICY_REFUSED',
    );
    expect([trained, plane.calls]).toEqual([0, 0]);
  });
});
