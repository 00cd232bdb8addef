import { describe, expect, it } from 'vitest';
import { SigningKey } from '../../crypto/identity/signing-key.ts';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { EMPTY_LOG, appendEntry } from '../../crypto/public/log.ts';
import { decode, encode } from '../codec/codec.ts';
import { CODEC_LIMITS } from '../codec/limits.ts';
import { type LogBody, type LogKind, SignedLogEntryMessage } from './log-entry.ts';
import { RunDetail } from './runs.ts';
import { check } from '../codec/codec.ts';

/** The largest consortium: 1,024 members with ids of 63 characters, a committee of 15, everything at its bound. */
const member = (i: number) => `${'m'.repeat(58)}-${String(i).padStart(4, '0')}`;
const CONSORTIUM = 'c'.repeat(63);
const HASH = 'f'.repeat(64);
const b64 = (bytes: number) => 'A'.repeat(Math.ceil((bytes * 4) / 3));
const RUN = 'run-0123456789abcdef';
const ROUND = 2 ** 31 - 1;
// Three bytes a character in UTF-8: the longest that the schema lets through.
const TEXT = '€'.repeat(1024);
const NAME = 'n'.repeat(128);
const place = { run: RUN, round: ROUND };
const seats = Array.from({ length: 15 }, (_, i) => i + 1);

const BODIES: { [K in LogKind]: LogBody<K> } = {
  genesis: { consortium: CONSORTIUM, rosterHash: HASH, coordinatorKey: b64(32) },
  epoch: { epoch: 2 ** 31 - 1, rosterHash: HASH, previous: HASH },
  task: {
    run: RUN,
    taskHash: HASH,
    firstRound: ROUND,
    task: {
      kind: 'train-edge-scorer',
      name: NAME,
      rounds: 100_000,
      seed: 2 ** 32 - 1,
      model: { kind: 'edge-scorer', features: 'edge-v1', hidden: 4096 },
      training: {
        steps: 10_000,
        batch: 65_536,
        learningRate: 0.123456789012345,
        corrupted: 0.123456789012345,
      },
      quantiser: { clipNorm: 999_999.123456789, bits: 16, layout: '3x26' },
      kMin: 1024,
      deadlines: {
        advertiseSeconds: 86_399.123456,
        collectSeconds: 604_799.123456,
        graceSeconds: 86_399.123456,
        openSeconds: 604_799.123456,
      },
    },
  },
  'seal-key': {
    sealKey: {
      consortium: CONSORTIUM,
      epoch: 2 ** 31 - 1,
      run: RUN,
      member: member(1),
      keys: b64(1216),
      signature: b64(64),
    },
  },
  sealing: { run: RUN },
  'key-part': {
    part: {
      consortium: CONSORTIUM,
      epoch: 2 ** 31 - 1,
      run: RUN,
      taskHash: HASH,
      member: member(1),
      commitment: HASH,
      boxes: Array.from({ length: 32 }, (_, i) => ({ member: member(i), box: b64(1169) })),
      signature: b64(64),
    },
  },
  keyed: { run: RUN, keyHash: HASH },
  announce: {
    transcriptHash: HASH,
    transcript: {
      consortium: CONSORTIUM,
      epoch: 2 ** 31 - 1,
      rosterHash: HASH,
      run: RUN,
      round: ROUND,
      taskHash: HASH,
      modelHash: HASH,
      length: 2 ** 31 - 1,
      layout: '3x26',
      valueBits: 16,
      quantiser: { clipNorm: 999_999.123456789, bits: 16 },
      dp: null,
      groups: null,
      kMin: 1024,
      deadline: { collectSeconds: 604_799.123456, graceSeconds: 86_399.123456 },
      committee: seats.map((committeeIndex) => ({
        consortium: CONSORTIUM,
        epoch: 2 ** 31 - 1,
        round: ROUND,
        member: member(committeeIndex),
        committeeIndex,
        keys: 1024,
        keysRoot: HASH,
        signature: b64(64),
      })),
    },
  },
  upload: {
    manifestHash: HASH,
    manifest: {
      consortium: CONSORTIUM,
      round: ROUND,
      member: member(1023),
      transcriptHash: HASH,
      chunks: 2 ** 31 - 1,
      chunkRoot: HASH,
      blobBytes: Number.MAX_SAFE_INTEGER,
      blobHash: HASH,
      shares: seats.map((committeeIndex) => ({ committeeIndex, hash: HASH, bytes: 16_384 })),
      lowDegree: b64(15 * 17),
      signature: b64(64),
    },
  },
  close: { ...place, transcriptHash: HASH },
  answer: {
    answer: {
      consortium: CONSORTIUM,
      round: ROUND,
      member: member(15),
      committeeIndex: 15,
      transcriptHash: HASH,
      setHash: HASH,
      shares: b64(8704),
      signature: b64(64),
    },
  },
  complaint: {
    complaint: {
      consortium: CONSORTIUM,
      epoch: 2 ** 31 - 1,
      round: ROUND,
      transcriptHash: HASH,
      member: member(15),
      committeeIndex: 15,
      contributor: member(1023),
      manifestHash: HASH,
      pairSecret: b64(96),
      proof: Array.from({ length: 10 }, () => HASH),
      sealed: b64(16_384),
      signature: b64(64),
    },
  },
  checked: { ...place, transcriptHash: HASH, setHash: HASH },
  opened: {
    ...place,
    transcriptHash: HASH,
    setHash: HASH,
    members: 1024,
    keySum: b64(4 * 4096),
    sumRoot: HASH,
    sumHash: HASH,
    sumBytes: 2 ** 33,
  },
  audit: {
    statement: {
      consortium: CONSORTIUM,
      epoch: 2 ** 31 - 1,
      round: ROUND,
      member: member(1023),
      transcriptHash: HASH,
      setHash: HASH,
      sumRoot: HASH,
      from: 0,
      to: 2 ** 31 - 1,
      signature: b64(64),
    },
  },
  publish: {
    ...place,
    transcriptHash: HASH,
    members: 1024,
    setHash: HASH,
    sumHash: HASH,
    modelHash: HASH,
  },
  abort: { ...place, code: NAME, expected: TEXT, got: TEXT, next: TEXT },
  finish: { run: RUN, rounds: 100_000, modelHash: HASH },
};

const key = SigningKey.generate();
const head = { ...EMPTY_LOG, size: 2 ** 40 };

describe('log entries of the largest consortium', () => {
  it.each(Object.keys(BODIES) as LogKind[])('%s fits a message and comes through the decoder', (kind) => {
    const body = BODIES[kind];
    const signed = appendEntry(nodePrimitives, key.sign, head, { time: Number.MAX_SAFE_INTEGER, kind, body });
    const bytes = encode(signed);
    expect(bytes.length).toBeLessThan(CODEC_LIMITS.maxBytes);
    expect(decode(SignedLogEntryMessage, bytes)).toEqual(signed);
  });

  it('the largest ones leave room: a complaint takes half a message, the boxes of a key part for 32 most of one', () => {
    const sizes = Object.entries(BODIES).map(([kind, body]) => [encode(body).length, kind] as const);
    const [boxes, largest] = sizes.sort(([a], [b]) => b - a);
    expect(boxes?.[1]).toBe('key-part');
    expect(boxes?.[0]).toBeLessThan(CODEC_LIMITS.maxBytes * 0.85);
    expect(largest?.[1]).toBe('complaint');
    expect(largest?.[0]).toBeLessThan(CODEC_LIMITS.maxBytes / 2);
  });
});

describe('reports of the largest consortium', () => {
  it('are as their schema says', () => {
    const all = Array.from({ length: 1024 }, (_, i) => member(i));
    const failure = { code: NAME, expected: TEXT, got: TEXT, next: TEXT };
    const ms = { advertise: 1.5, collect: 1, check: 0, answer: 0, sum: 0, open: 0, audit: 0, total: 3 };
    const report = {
      ...place,
      step: 1,
      outcome: 'failed',
      members: all,
      contributors: all,
      committee: all.slice(0, 15),
      answers: [],
      bytesUp: 2 ** 40,
      bytesDown: 0,
      ms,
      noise: null,
      modelHash: null,
      failure,
    };
    const run = {
      run: RUN,
      name: NAME,
      firstRound: ROUND,
      rounds: 1,
      published: 0,
      modelHash: null,
      failure,
    };
    expect(() => check(RunDetail, { ...run, status: 'failed', reports: [report] }, 'run')).not.toThrow();
    const other = { ...report, members: [...all, member(1024)] };
    expect(() => check(RunDetail, { ...run, status: 'failed', reports: [other] }, 'run')).toThrow('reports');
  });
});
