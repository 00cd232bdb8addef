import { addChunk, createAccumulator, packedSum } from '../../crypto/public/accumulator.ts';
import { verifyAnswer } from '../../crypto/public/answer.ts';
import type { Answer } from '../../crypto/public/answer.ts';
import type { Complaint } from '../../crypto/public/complaint.ts';
import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import { fromBase64Url, fromHex, toBase64Url } from '../../crypto/public/encoding.ts';
import { CryptoError } from '../../crypto/public/errors.ts';
import { interpolateAnswers } from '../../crypto/public/key-sum.ts';
import { packField, unpackField } from '../../crypto/public/share-packing.ts';
import { manifestHash } from '../../crypto/public/manifest.ts';
import { openSum } from '../../crypto/public/open-sum.ts';
import { N, SHARE_PRIME } from '../../crypto/public/params.ts';
import { RoundRecord } from '../../crypto/public/round-record.ts';
import { signFields } from '../../crypto/public/signed.ts';
import { TestedShares } from '../../crypto/secret/test-shares.ts';
import { answerRound } from '../../crypto/secret/committee-answer.ts';
import { startRound, stepRound } from '../../protocol/round/machine.ts';
import type { RoundConfig, RoundEvent, RoundState } from '../../protocol/round/state.ts';
import { contribute, sealedFor } from '../crypto-contribution.ts';
import type { Contribution, Spoil } from '../crypto-contribution.ts';
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
  /** The round as the coordinator's log tells it, verified once for everybody: in a simulation all are one process. */
  #record: RoundRecord | null = null;
  #index = 0;
  readonly #tested = new Map<string, TestedShares>();

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
      case 'upload':
      case 'upload badly': {
        if (this.#round === null) return null;
        // A retry sends the same bytes.
        const made =
          this.#contributions.get(member) ??
          contribute(
            this.#round,
            member,
            this.hot(member),
            deed === 'upload badly' ? this.#spoil : undefined,
          );
        this.#contributions.set(member, made);
        return () => this.#upload(made);
      }
      case 'check': {
        const tested = this.#test(member);
        if (tested === null) return null;
        return async () => {
          for (const complaint of tested.complaints) await this.#complain(complaint);
          await this.#feed({ type: 'checked', member, at: this.now });
        };
      }
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
      if (effect.type === 'close') this.#write((round) => round.close());
      if (effect.type === 'fix') this.#fix();
      if (effect.type === 'publish') await this.#feed({ type: 'published', at: this.now });
      if (effect.type === 'combine') await this.#combine();
    }
  }

  #announce(committee: readonly string[]): void {
    const { transcript } = this.#advertised;
    const chosen = transcript.committee.filter((key) => committee.includes(key.member));
    const { ephemerals } = this.#advertised;
    this.#round = this.#federation.round(1, { ...transcript, committee: chosen }, ephemerals);
    const { roster } = this.#federation;
    const [kind, body] = this.#round.announce();
    const entry = { index: this.#index++, prev: '', time: 0, kind, body };
    this.#record = new RoundRecord(this.#primitives, roster, this.#round.hash, entry);
  }

  async #upload(contribution: Contribution): Promise<void> {
    const { member } = contribution;
    if (this.state.phase === 'collecting' && !this.uploads.some((one) => one.member === member)) {
      this.uploads.push(contribution);
      this.#write((round) => round.upload(contribution.manifest));
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

  /** An entry of the log: it is there and verified, or the simulation fails. */
  #write(step: (round: TestRound) => LogStep): void {
    if (this.#round === null || this.#record === null) throw new Error('nothing is announced');
    const [kind, body] = step(this.#round);
    this.#record.accept({ index: this.#index++, prev: '', time: 0, kind, body });
  }

  async #complain(complaint: Complaint): Promise<void> {
    const removed = this.#record?.removed.has(complaint.contributor) ?? true;
    if (this.state.phase !== 'checking' || removed) return;
    this.#write((round) => round.complaint(complaint));
    await this.#feed({ type: 'complained', contributor: complaint.contributor, at: this.now });
  }

  #fix(): void {
    const left = this.#record?.remaining()?.contributors ?? [];
    this.#write((round) => round.checked(left.map(({ manifest }) => manifest)));
  }

  /** S, as everybody computes it from the log; null before it stands. */
  set(): ContributorSet | null {
    return this.#record?.set ?? null;
  }

  // ---- what a committee member does

  /** Shares of what was closed, opened and tested once; null where the member has no key. */
  #test(member: string): TestedShares | null {
    const closed = this.#record?.closed ?? null;
    if (closed === null || !this.state.serving.includes(member) || this.#keyless.has(member)) return null;
    const own = this.#uploads(member);
    if (own) closed.assertIncluded(manifestHash(this.#primitives, own.manifest));
    const { roster } = this.#federation;
    const modules = { primitives: this.#primitives, roster, sign: this.#federation.key(member).sign };
    const key = this.#advertised.ephemeral(member);
    const sealed = sealedFor(this.uploads, member);
    const tested = this.#tested.get(member) ?? TestedShares.test(modules, { closed, key, sealed });
    this.#tested.set(member, tested);
    return tested;
  }

  #uploads(member: string): Contribution | undefined {
    return this.uploads.find((one) => one.member === member);
  }

  /** Seals to every second committee member something else than what fits the others. */
  readonly #spoil: Spoil = (recipient, plaintext, seal) => {
    const changed = plaintext.slice();
    if (this.members.indexOf(recipient) % 2 === 0) changed[1] = (changed[1] ?? 0) ^ 1;
    return seal(changed);
  };

  /** Null where it keeps silent: it has lost its key, or there is nothing to answer. */
  async #answer(member: string): Promise<Answer | null> {
    const set = this.set();
    if (set === null || !this.state.serving.includes(member)) return null;
    const journalled = this.#journals.get(member) ?? null;
    const tested = this.#test(member);
    if (tested === null && journalled === null) return null;
    // Whoever complains of a contributor that is in S keeps its answer to itself.
    if (tested?.complaints.some(({ contributor }) => set.find(contributor))) return null;
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
      { set, tested },
    );
  }

  /** Another point than the true one, in one coefficient that depends on the member, and signed all the same. */
  #falsified(answer: Answer): Answer {
    const sums = unpackField(fromBase64Url(answer.shares), N);
    const at = (answer.committeeIndex * 271) % sums.length;
    sums[at] = ((sums[at] ?? 0) + answer.committeeIndex) % SHARE_PRIME;
    const { signature: _, ...fields } = answer;
    const lie = signFields(this.#federation.key(answer.member).sign, 'cordon/v1/answer', {
      ...fields,
      shares: toBase64Url(packField(sums)),
    });
    this.lies.add(lie);
    return lie;
  }
}
