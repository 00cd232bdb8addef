import type { Answer } from '../../crypto/public/answer.ts';
import { verifyAnswer } from '../../crypto/public/answer.ts';
import type { AuditStatement } from '../../crypto/public/audit-statement.ts';
import type { Complaint } from '../../crypto/public/complaint.ts';
import type { ContributorSet } from '../../crypto/public/contributor-set.ts';
import { CryptoError } from '../../crypto/public/errors.ts';
import { RoundRecord } from '../../crypto/public/round-record.ts';
import { startRound, stepRound } from '../../protocol/round/machine.ts';
import type { RoundConfig, RoundEvent, RoundState } from '../../protocol/round/state.ts';
import { contribute } from '../crypto-contribution.ts';
import type { Contribution } from '../crypto-contribution.ts';
import type { LogStep, TestFederation, TestRound } from '../crypto-federation.ts';
import { Committee } from './committee.ts';
import type { Deed, History, Turn } from './deeds.ts';
import { federationOf, rememberingPrimitives } from './federations.ts';
import { Opening } from './opening.ts';
import { spoilFor } from './spoil.ts';

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
  readonly committee: Committee;
  /** Members whose wrong answer was named. */
  named: readonly string[] = [];
  /** Members that have sealed a share that does not fit the others. */
  readonly cheats = new Set<string>();
  /** Complaints about honest contributors that were refused. */
  refusedComplaints = 0;
  /** Auditors that found the published sum wrong. */
  objections = 0;
  state: RoundState;
  now = 0;
  readonly #history: History;
  readonly #federation: TestFederation;
  readonly #primitives = rememberingPrimitives();
  readonly #advertised: TestRound;
  readonly #contributions = new Map<string, Contribution>();
  #parcels: Parcel[] = [];
  #round: TestRound | null = null;
  #entries = 0;
  #record: RoundRecord | null = null;
  #opening: Opening | null = null;

  constructor(history: History) {
    const { members, threshold } = history;
    this.#history = history;
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
    this.committee = new Committee(this.#federation, this.#primitives);
  }

  /** The vector of a member. */
  hot(member: string): Uint32Array {
    const values = new Uint32Array(LENGTH);
    values[this.members.indexOf(member)] = 1;
    return values;
  }

  /** The sum that the coordinator has opened; null before. */
  get opened(): Uint32Array | null {
    return this.#opening?.values ?? null;
  }

  /** S, once it stands; null before. */
  get set(): ContributorSet | null {
    return this.#record?.set ?? null;
  }

  /** Time passes and parcels arrive; then the member does its deed, or nothing if it has no place now. */
  async take({ deed, member: index, after, copies, lapse }: Turn): Promise<void> {
    await this.pass(after);
    if (lapse === this.state.phase) await this.pass(Math.max(0, this.state.deadline - this.now));
    const member = this.members[index] ?? '';
    if (deed === 'leave') return this.#feed({ type: 'disconnected', member, at: this.now });
    if (deed === 'return') return this.#feed({ type: 'connected', member, at: this.now });
    if (deed === 'restart' && this.#round) this.committee.restart(member);
    const deliver = await this.#message(deed, member);
    if (deliver === null) return undefined;
    for (const delay of copies) this.#parcels.push({ at: this.now + delay, deliver });
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

  /** What a member sends, made now from what it knows now; null where it has nothing to say. */
  async #message(deed: Deed, member: string): Promise<(() => Promise<void>) | null> {
    const round = this.#round;
    if (deed === 'advertise') return () => this.#feed({ type: 'advertised', member, at: this.now });
    if (round === null) return null;
    switch (deed) {
      case 'upload':
      case 'upload badly': {
        // A retry sends the same bytes.
        const made = this.#contributions.get(member) ?? this.#contribution(round, member, deed);
        this.#contributions.set(member, made);
        return () => this.#upload(made);
      }
      case 'check': {
        const tested = this.committee.test(member, round, this.#record, this.uploads);
        return tested && (() => this.#checked(member, tested.complaints));
      }
      case 'complain falsely': {
        const complaint = this.committee.falseComplaint(member, round, this.#record, this.uploads);
        return complaint && (() => this.#refuse(complaint));
      }
      case 'answer':
      case 'answer wrongly': {
        const answer = await this.committee.answer(
          member,
          round,
          this.#record,
          this.uploads,
          deed === 'answer',
        );
        return answer && (() => this.#take(answer));
      }
      case 'audit': {
        const statement = this.#audit(member);
        return statement && (() => this.#audited(statement));
      }
      default:
        return null;
    }
  }

  #contribution(round: TestRound, member: string, deed: Deed): Contribution {
    if (deed === 'upload') return contribute(round, member, this.hot(member));
    this.cheats.add(member);
    return contribute(round, member, this.hot(member), spoilFor(this.members.indexOf(member), round));
  }

  // ---- what the coordinator does

  async #feed(event: RoundEvent): Promise<void> {
    const { state, effects } = stepRound(this.config, this.state, event);
    this.state = state;
    for (const effect of effects) {
      if (effect.type === 'announce') this.#announce(effect.committee);
      if (effect.type === 'close' && this.#round) this.#write(this.#round.close());
      if (effect.type === 'fix') this.#fix();
      if (effect.type === 'combine') await this.#combine();
      if (effect.type === 'publish') await this.#feed({ type: 'published', at: this.now });
    }
  }

  /** One more entry of the log, which everybody reads; that the log is one chain is tested elsewhere. */
  #write([kind, body]: LogStep): void {
    const { roster } = this.#federation;
    const entry = { index: this.#entries++, prev: '', time: this.now, kind, body };
    if (this.#record !== null) this.#record.accept(entry);
    else if (this.#round) this.#record = new RoundRecord(this.#primitives, roster, this.#round.hash, entry);
  }

  #announce(committee: readonly string[]): void {
    const { transcript } = this.#advertised;
    const chosen = transcript.committee.filter((key) => committee.includes(key.member));
    this.#round = this.#federation.round(1, { ...transcript, committee: chosen });
    for (const [member, key] of this.#advertised.ephemerals) this.#round.ephemerals.set(member, key);
    this.#write(this.#round.announce());
  }

  async #upload(contribution: Contribution): Promise<void> {
    const { member, manifest } = contribution;
    if (this.state.phase === 'collecting' && !this.uploads.some((one) => one.member === member)) {
      this.uploads.push(contribution);
      if (this.#round) this.#write(this.#round.upload(manifest));
    }
    await this.#feed({ type: 'uploaded', member, at: this.now });
  }

  async #checked(member: string, complaints: readonly Complaint[]): Promise<void> {
    for (const complaint of complaints) {
      const { contributor } = complaint;
      // What one proof has removed needs no second one.
      if (this.state.phase !== 'checking' || this.state.removed.includes(contributor)) continue;
      this.#record?.prove(complaint);
      if (this.#round) this.#write(this.#round.complaint(complaint));
      await this.#feed({ type: 'complained', contributor, at: this.now });
    }
    await this.#feed({ type: 'checked', member, at: this.now });
  }

  #refuse(complaint: Complaint): Promise<void> {
    try {
      this.#record?.prove(complaint);
    } catch (error) {
      if (!(error instanceof CryptoError) || error.code !== 'COMPLAINT_INVALID') throw error;
      this.refusedComplaints += 1;
      return Promise.resolve();
    }
    throw new Error(`a complaint about ${complaint.contributor}, who is honest, was believed`);
  }

  #fix(): void {
    const left = this.#record?.remaining()?.contributors.map(({ manifest }) => manifest) ?? [];
    if (this.#round) this.#write(this.#round.checked(left));
  }

  async #take(answer: Answer): Promise<void> {
    const { member } = answer;
    const { set } = this;
    if (this.state.phase !== 'opening' || set === null) return;
    verifyAnswer(this.#primitives, answer, set.transcript, set.setHash, this.#federation.roster);
    if (!this.answers.some((one) => one.member === member)) this.answers.push(answer);
    await this.#feed({ type: 'answered', member, at: this.now });
  }

  async #combine(): Promise<void> {
    try {
      this.#opening = this.#open();
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      const { code, expected, got, next } = error;
      return this.#feed({ type: 'failed', reason: { code, expected, got, next }, at: this.now });
    }
    return this.#feed({ type: 'combined', at: this.now });
  }

  #open(): Opening {
    const { set } = this;
    if (set === null) throw new Error('S does not stand');
    const modules = { federation: this.#federation, primitives: this.#primitives };
    const opening = new Opening(set, this.answers, this.uploads, this.#history.falseSum, modules);
    this.named = opening.leftOut.map((index) => this.members[index - 1] ?? '');
    return opening;
  }

  async #audited(statement: AuditStatement): Promise<void> {
    const desk = this.#opening?.desk;
    if (this.state.phase !== 'auditing' || desk === undefined) return;
    desk.take(statement);
    await this.#feed({ type: 'audited', member: statement.member, at: this.now });
    if (desk.complete) await this.#feed({ type: 'covered', at: this.now });
  }

  // ---- what an auditor does

  /** Null where there is nothing to audit or the sum is wrong. */
  #audit(member: string): AuditStatement | null {
    if (this.#opening === null) return null;
    const statement = this.#opening.audit(member);
    if (statement === null) this.objections += 1;
    return statement;
  }
}
