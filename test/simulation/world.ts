import { addChunk, createAccumulator, packedSum } from '../../crypto/public/accumulator.ts';
import { verifyAnswer } from '../../crypto/public/answer.ts';
import type { Answer } from '../../crypto/public/answer.ts';
import { contributorSet } from '../../crypto/public/contributor-set.ts';
import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import { fromBase64Url, fromHex, toBase64Url } from '../../crypto/public/encoding.ts';
import { CryptoError } from '../../crypto/public/errors.ts';
import { interpolateAnswers } from '../../crypto/public/key-sum.ts';
import { packShare, unpackShare } from '../../crypto/public/key-shares.ts';
import type { SignedLogEntry } from '../../crypto/public/log.ts';
import { openSum } from '../../crypto/public/open-sum.ts';
import { SHARE_PRIME } from '../../crypto/public/params.ts';
import { signFields } from '../../crypto/public/signed.ts';
import { answerRound } from '../../crypto/secret/committee-answer.ts';
import { startRound, stepRound } from '../../protocol/round/machine.ts';
import type { RoundConfig, RoundEvent, RoundState } from '../../protocol/round/state.ts';
import { contribute, sealedFor } from '../crypto-contribution.ts';
import type { Contribution } from '../crypto-contribution.ts';
import type { LogStep, TestFederation, TestRound } from '../crypto-federation.ts';
import type { History, Turn } from './deeds.ts';
import { federationOf, rememberingPrimitives } from './federations.ts';

const LENGTH = 64;

/** A message on its way to the coordinator. */
interface Parcel {
  readonly at: number;
  readonly deliver: () => Promise<void>;
}

/**
 * A coordinator and its members without a network: the machine decides, the cryptography is real, time is a number.
 * Member i contributes a vector that is 1 at place i and 0 elsewhere, so that an update that counts twice shows as a 2.
 */
export class World {
  readonly config: RoundConfig;
  readonly members: readonly string[];
  readonly uploads: Contribution[] = [];
  readonly answers: Answer[] = [];
  /** Answers that are not the true ones, though signed. */
  readonly lies = new Set<Answer>();
  /** Members whose wrong answer was named. */
  named: readonly string[] = [];
  state: RoundState;
  now = 0;
  opened: Uint32Array | null = null;
  readonly #federation: TestFederation;
  readonly #primitives = rememberingPrimitives();
  readonly #advertised: TestRound;
  readonly #contributions = new Map<string, Contribution>();
  readonly #journals = new Map<string, Answer>();
  /** Members that have lost their key of this round. */
  readonly #keyless = new Set<string>();
  #parcels: Parcel[] = [];
  #round: TestRound | null = null;
  #closed: readonly SignedLogEntry[] | null = null;

  constructor({ members, threshold }: History) {
    this.#federation = federationOf(members, threshold);
    const { roster } = this.#federation;
    this.members = roster.committee;
    this.config = {
      round: 1,
      members: this.members,
      committee: this.members,
      threshold,
      kMin: roster.kMin,
      advertiseMs: 1000,
      collectMs: 1000,
      graceMs: 300,
      checkMs: 1000,
      openMs: 1000,
      auditMs: 1000,
      auditors: roster.cRoster + 1,
      settleMs: 100,
    };
    this.state = startRound(this.config, [], 0);
    this.#advertised = this.#federation.round(1, { length: LENGTH });
  }

  /** The vector of a member. */
  hot(member: string): Uint32Array {
    const values = new Uint32Array(LENGTH);
    values[this.members.indexOf(member)] = 1;
    return values;
  }

  /** Time passes and parcels arrive; then the member does its deed, or nothing if it has no place now. */
  async take({ deed, member: index, after, copies, lapse }: Turn): Promise<void> {
    await this.pass(after);
    if (lapse === this.state.phase) await this.pass(Math.max(0, this.state.deadline - this.now));
    const member = this.members[index] ?? '';
    if (deed === 'leave') return this.#feed({ type: 'disconnected', member, at: this.now });
    if (deed === 'return') return this.#feed({ type: 'connected', member, at: this.now });
    if (deed === 'restart' && this.#round) this.#keyless.add(member);
    const deliver = await this.#message(deed, member);
    for (const delay of deliver ? copies : []) {
      if (deliver) this.#parcels.push({ at: this.now + delay, deliver });
    }
    await this.pass(0);
    return undefined;
  }

  /** Lets time pass: what is due arrives, in the order in which it is due, and the clock is told. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.now + milliseconds;
    for (;;) {
      const next = this.#parcels.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#parcels = this.#parcels.filter((one) => one !== next);
      this.now = Math.max(this.now, next.at);
      await next.deliver();
    }
    this.now = until;
    await this.#feed({ type: 'tick', at: this.now });
  }

  /** What a member sends, made now from what it knows now. */
  async #message(deed: Turn['deed'], member: string): Promise<(() => Promise<void>) | null> {
    switch (deed) {
      case 'advertise':
        return () => this.#feed({ type: 'advertised', member, at: this.now });
      case 'upload': {
        if (this.#round === null) return null;
        // A retry sends the same bytes.
        const made = this.#contributions.get(member) ?? contribute(this.#round, member, this.hot(member));
        this.#contributions.set(member, made);
        return () => this.#upload(made);
      }
      case 'check':
        return () => this.#feed({ type: 'checked', member, at: this.now });
      case 'answer':
      case 'answer wrongly': {
        const honest = await this.#answer(member);
        if (honest === null) return null;
        const answer = deed === 'answer' ? honest : this.#falsified(honest);
        return () => this.#take(answer);
      }
      default:
        return null;
    }
  }

  // ---- what the coordinator does

  async #feed(event: RoundEvent): Promise<void> {
    const { state, effects } = stepRound(this.config, this.state, event);
    this.state = state;
    for (const effect of effects) {
      if (effect.type === 'announce') this.#announce(effect.committee);
      if (effect.type === 'close') this.#closed = this.#log();
      if (effect.type === 'publish') await this.#feed({ type: 'published', at: this.now });
      if (effect.type === 'combine') await this.#combine();
    }
  }

  #announce(committee: readonly string[]): void {
    const { transcript } = this.#advertised;
    const chosen = transcript.committee.filter((key) => committee.includes(key.member));
    this.#round = this.#federation.round(1, { ...transcript, committee: chosen });
    for (const [member, key] of this.#advertised.ephemerals) this.#round.ephemerals.set(member, key);
  }

  async #upload(contribution: Contribution): Promise<void> {
    const { member } = contribution;
    if (this.state.phase === 'collecting' && !this.uploads.some((one) => one.member === member)) {
      this.uploads.push(contribution);
    }
    await this.#feed({ type: 'uploaded', member, at: this.now });
  }

  async #take(answer: Answer): Promise<void> {
    const { member } = answer;
    const set = this.set();
    if (this.state.phase !== 'opening' || set === null) return;
    verifyAnswer(this.#primitives, answer, set.transcript, set.setHash, this.#federation.roster);
    if (!this.answers.some((one) => one.member === member)) this.answers.push(answer);
    await this.#feed({ type: 'answered', member, at: this.now });
  }

  async #combine(): Promise<void> {
    try {
      this.opened = this.#open();
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      const { code, expected, got, next } = error;
      return this.#feed({ type: 'failed', reason: { code, expected, got, next }, at: this.now });
    }
    await this.#feed({ type: 'combined', at: this.now });
    return this.#feed({ type: 'covered', at: this.now });
  }

  #open(): Uint32Array {
    const set = this.set();
    if (set === null) throw new Error('nothing is closed');
    const { threshold } = this.config;
    const { keySum, wrong } = interpolateAnswers(threshold, this.answers, set.contributors.length);
    this.named = wrong.map((index) => this.members[index - 1] ?? '');
    const accumulator = createAccumulator();
    for (const { member } of set.contributors) {
      const chunk = this.uploads.find((one) => one.member === member)?.chunks[0];
      if (chunk) addChunk(accumulator, chunk);
    }
    const { layout, length } = set.transcript;
    return openSum(this.#primitives, {
      transcriptHash: fromHex(set.transcriptHash, 32),
      keySum,
      members: set.contributors.length,
      layout,
      length,
    }).openChunk(0, packedSum(accumulator));
  }

  #log(): SignedLogEntry[] {
    const round = this.#round;
    if (round === null) return [];
    const uploads = this.uploads.map(({ manifest }): LogStep => round.upload(manifest));
    return round.log(round.announce(), ...uploads, round.close()).slice(1);
  }

  /** S, as everybody computes it from the log; null before it is closed. */
  set(): ContributorSet | null {
    if (this.#round === null || this.#closed === null) return null;
    return contributorSet(this.#primitives, this.#closed, this.#round.hash, this.#federation.roster);
  }

  // ---- what a committee member does

  /** Null where it keeps silent: it has lost its key, or there is nothing to answer. */
  async #answer(member: string): Promise<Answer | null> {
    const round = this.#round;
    if (round === null || this.#closed === null || !this.state.serving.includes(member)) return null;
    const journalled = this.#journals.get(member) ?? null;
    if (this.#keyless.has(member) && journalled === null) return null;
    const set = contributorSet(this.#primitives, this.#closed, round.hash, this.#federation.roster);
    const receipted = set.contributors.find((one) => one.member === member);
    return answerRound(
      {
        primitives: this.#primitives,
        sign: this.#federation.key(member).sign,
        journal: {
          lookup: () => Promise.resolve(journalled),
          record: (_key, made) => {
            this.#journals.set(member, made);
            return Promise.resolve(made);
          },
        },
      },
      {
        roster: this.#federation.roster,
        transcriptHash: round.hash,
        entries: this.#closed,
        key: this.#keyless.has(member) ? null : round.ephemeral(member),
        ownManifestHash: receipted?.manifestHash ?? null,
        fetchSealed: () => Promise.resolve(sealedFor(this.uploads, member)),
      },
    );
  }

  /** Another point than the true one, in one coefficient that depends on the member, and signed all the same. */
  #falsified(answer: Answer): Answer {
    const sums = unpackShare(fromBase64Url(answer.shares));
    const at = (answer.committeeIndex * 271) % sums.length;
    sums[at] = ((sums[at] ?? 0) + answer.committeeIndex) % SHARE_PRIME;
    const { signature: _, ...fields } = answer;
    const lie = signFields(this.#federation.key(answer.member).sign, 'cordon/v1/answer', {
      ...fields,
      shares: toBase64Url(packShare(sums)),
    });
    this.lies.add(lie);
    return lie;
  }
}
