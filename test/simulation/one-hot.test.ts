import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import { addChunk, createAccumulator, packedSum } from '../../crypto/public/accumulator.ts';
import type { Answer } from '../../crypto/public/answer.ts';
import { contributorSet } from '../../crypto/public/contributor-set.ts';
import { fromBase64Url, fromHex } from '../../crypto/public/encoding.ts';
import { interpolateKeySum, unpackShare } from '../../crypto/public/key-shares.ts';
import { openSum } from '../../crypto/public/open-sum.ts';
import { answerRound } from '../../crypto/secret/committee-answer.ts';
import { startRound, stepRound } from '../../protocol/round/machine.ts';
import type { RoundConfig, RoundEvent, RoundState } from '../../protocol/round/state.ts';
import { type Contribution, contribute, sealedFor } from '../crypto-contribution.ts';
import { type LogStep, TestFederation, type TestRound } from '../crypto-federation.ts';

const LENGTH = 64;
const federation = new TestFederation(4);
const MEMBERS = federation.roster.committee;
const CONFIG: RoundConfig = {
  round: 1,
  members: MEMBERS,
  committee: MEMBERS,
  threshold: federation.roster.threshold,
  kMin: federation.roster.kMin,
  advertiseMs: 1000,
  collectMs: 1000,
  graceMs: 300,
  checkMs: 1000,
  openMs: 1000,
  auditMs: 1000,
  auditors: 2,
  settleMs: 100,
};

/** What a member does next, if its place in the round allows it. */
type Deed = 'advertise' | 'upload' | 'upload again' | 'answer' | 'leave' | 'return' | 'restart' | 'wait';
type Turn = readonly [deed: Deed, member: number, after: number];

const turn: fc.Arbitrary<Turn> = fc.tuple(
  fc.constantFrom<Deed>(
    'advertise',
    'advertise',
    'upload',
    'upload',
    'upload again',
    'answer',
    'answer',
    'leave',
    'return',
    'restart',
    'wait',
  ),
  fc.nat(MEMBERS.length - 1),
  fc.nat(40),
);
/** Turns by chance with a whole round of good ones among them, so that most histories come to an opening. */
const history = fc
  .tuple(
    fc.array(turn, { maxLength: 30, size: 'max' }),
    fc.array(turn, { maxLength: 12, size: 'max' }),
    fc.array(turn, { maxLength: 12, size: 'max' }),
  )
  .map(([one, two, three]) => {
    const everybody = (deed: Deed) => MEMBERS.map((_, i): Turn => [deed, i, 5]);
    return [
      ...one,
      ...everybody('advertise'),
      ...two,
      ...everybody('upload'),
      ...three,
      ...everybody('answer'),
    ];
  });

/** A coordinator and its members without a network: the machine decides, the cryptography is real, time is a number. */
class World {
  state: RoundState = startRound(CONFIG, [], 0);
  now = 0;
  round: TestRound | null = null;
  readonly advertised = federation.round(1, { length: LENGTH });
  readonly uploads: Contribution[] = [];
  readonly answers: Answer[] = [];
  /** Members that have lost their key of this round. */
  private readonly keyless = new Set<string>();
  closed = false;
  opened: Uint32Array | null = null;

  async feed(event: RoundEvent): Promise<void> {
    const { state, effects } = stepRound(CONFIG, this.state, event);
    this.state = state;
    for (const effect of effects) {
      if (effect.type === 'announce') this.announce(effect.committee);
      if (effect.type === 'close') {
        this.closed = true;
        for (const member of this.state.serving) await this.feed({ type: 'checked', member, at: this.now });
      }
      if (effect.type === 'publish') await this.feed({ type: 'published', at: this.now });
      if (effect.type === 'combine') {
        this.opened = this.open();
        await this.feed({ type: 'combined', at: this.now });
        await this.feed({ type: 'covered', at: this.now });
      }
    }
  }

  async take([deed, index, after]: Turn): Promise<void> {
    this.now += after;
    const at = this.now;
    const member = MEMBERS[index] ?? '';
    const { phase } = this.state;
    if (deed === 'wait') return this.feed({ type: 'tick', at });
    if (deed === 'leave') return this.feed({ type: 'disconnected', member, at });
    if (deed === 'return') return this.feed({ type: 'connected', member, at });
    if (deed === 'restart') {
      if (phase !== 'advertising') this.keyless.add(member);
      return;
    }
    if (deed === 'advertise') return this.feed({ type: 'advertised', member, at });
    if (deed === 'answer') return this.answer(member);
    if (phase !== 'collecting' || !this.round) return;
    // The coordinator takes one upload a member; the same again gets the same receipt.
    if (!this.uploads.some((one) => one.member === member)) {
      const hot = new Uint32Array(LENGTH);
      hot[index] = 1;
      this.uploads.push(contribute(this.round, member, hot));
    } else if (deed !== 'upload again') return;
    await this.feed({ type: 'uploaded', member, at });
  }

  private announce(committee: readonly string[]): void {
    const { transcript } = this.advertised;
    const chosen = transcript.committee.filter((key) => committee.includes(key.member));
    const announced = federation.round(1, { ...transcript, committee: chosen });
    for (const [member, key] of this.advertised.ephemerals) announced.ephemerals.set(member, key);
    this.round = announced;
  }

  private log() {
    const steps: LogStep[] = this.round
      ? [
          this.round.announce(),
          ...this.uploads.map(({ manifest }) => this.round?.upload(manifest) as LogStep),
          this.round.close(),
        ]
      : [];
    return (this.round?.log(...steps) ?? []).slice(1);
  }

  private async answer(member: string): Promise<void> {
    const { round } = this;
    if (!round || !this.closed || this.keyless.has(member) || !this.state.serving.includes(member)) return;
    if (this.answers.some((one) => one.member === member)) return;
    const own = this.uploads.find((one) => one.member === member);
    const answer = await answerRound(
      {
        primitives: nodePrimitives,
        sign: federation.key(member).sign,
        journal: { lookup: () => Promise.resolve(null), record: (_key, made) => Promise.resolve(made) },
      },
      {
        roster: federation.roster,
        transcriptHash: round.hash,
        entries: this.log(),
        key: round.ephemeral(member),
        ownManifestHash: own
          ? (contributorSet(nodePrimitives, this.log(), round.hash, federation.roster).contributors.find(
              (one) => one.member === member,
            )?.manifestHash ?? 'left out')
          : null,
        fetchSealed: () => Promise.resolve(sealedFor(this.uploads, member)),
      },
    );
    this.answers.push(answer);
    await this.feed({ type: 'answered', member, at: this.now });
  }

  private open(): Uint32Array {
    const { round } = this;
    if (!round) throw new Error('no round');
    const set = contributorSet(nodePrimitives, this.log(), round.hash, federation.roster);
    const sums = this.answers.map(({ committeeIndex, shares }) => ({
      committeeIndex,
      shareSum: unpackShare(fromBase64Url(shares)),
    }));
    const keySum = interpolateKeySum(federation.roster.threshold, sums, set.contributors.length);
    const accumulator = createAccumulator();
    for (const { member } of set.contributors) {
      const chunk = this.uploads.find((one) => one.member === member)?.chunks[0];
      if (chunk) addChunk(accumulator, chunk);
    }
    const { layout, length } = round.transcript;
    return openSum(nodePrimitives, {
      transcriptHash: fromHex(round.hash, 32),
      keySum,
      members: set.contributors.length,
      layout,
      length,
    }).openChunk(0, packedSum(accumulator));
  }
}

describe('whole rounds with real cryptography over generated histories', () => {
  it('whatever happens, a published sum holds every receipted update once and nothing else, and every round ends', async () => {
    let published = 0;
    let failed = 0;
    await fc.assert(
      fc.asyncProperty(history, async (turns) => {
        const world = new World();
        for (const one of turns) await world.take(one);
        for (let i = 0; i < 40; i++) await world.take(['wait', 0, 100]);
        const { phase, uploaded } = world.state;
        expect(['published', 'failed']).toContain(phase);
        if (phase === 'published') {
          published += 1;
          const expected = new Uint32Array(LENGTH);
          MEMBERS.forEach(
            (member, i) => (expected[i] = world.uploads.some((one) => one.member === member) ? 1 : 0),
          );
          expect(world.opened).toEqual(expected);
          expect(uploaded.length).toBeGreaterThanOrEqual(CONFIG.kMin);
          expect(world.answers.length).toBeGreaterThanOrEqual(CONFIG.threshold);
        } else {
          failed += 1;
          expect(world.opened).toBeNull();
          expect(world.state.failure?.next).toMatch(/^\d+ more /);
        }
      }),
      { numRuns: 40 },
    );
    // Both ends are worth nothing if they are not reached.
    expect(published).toBeGreaterThan(3);
    expect(failed + published).toBeGreaterThanOrEqual(40);
  });
});
