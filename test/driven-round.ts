import { durableFiles } from '../crypto/identity/durable-file.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import type { Answer } from '../crypto/public/answer.ts';
import { type ChunkRange, auditDuty, auditOrder } from '../crypto/public/audit-order.ts';
import { type AuditStatement, auditorsNeeded } from '../crypto/public/audit-statement.ts';
import { chunksFor } from '../crypto/public/params.ts';
import { signFields } from '../crypto/public/signed.ts';
import type { EphemeralPublic } from '../crypto/public/ephemeral.ts';
import { RoundRecord } from '../crypto/public/round-record.ts';
import { AnswerJournal } from '../crypto/secret/answer-journal.ts';
import { answerRound } from '../crypto/secret/committee-answer.ts';
import { TestedShares } from '../crypto/secret/tested-shares.ts';
import { decode } from '../protocol/codec/codec.ts';
import { joinAdvertisement } from '../protocol/messages/advertisement.ts';
import { UploadStatus } from '../protocol/messages/bulk.ts';
import type { LogBody } from '../protocol/messages/log-entry.ts';
import type { ManifestMessage } from '../protocol/messages/manifest.ts';
import type { TrainTask } from '../protocol/task.ts';
import { type Contribution, contribute, sealedFor } from './crypto-contribution.ts';
import { TestRound } from './crypto-federation.ts';
import { TASK, type TestClient, type TestCoordinator } from './running-coordinator.ts';

/** The bytes that a member uploads. */
export function blobOf(contribution: Contribution): Uint8Array {
  return Buffer.concat([...contribution.chunks, ...contribution.sealed.values()]);
}

/** The manifest as a message: its list of shares is a mutable one there. */
export function manifestOf({ manifest }: Contribution): ManifestMessage {
  return { ...manifest, shares: [...manifest.shares] };
}

export async function statusOf(response: Response): Promise<UploadStatus> {
  return decode(UploadStatus, new Uint8Array(await response.arrayBuffer()));
}

/**
 * One round of a running coordinator in the hands of a test: members are bare connections with real keys, and each step
 * is taken, left out or done wrongly by the test.
 */
export class DrivenRound {
  readonly coordinator: TestCoordinator;
  readonly clients: ReadonlyMap<string, TestClient>;
  readonly run: string;
  readonly number: number;
  /** Keys of this round; its transcript counts only after `announced`. */
  crypto: TestRound;
  private readonly journals: string[] = [];
  private readonly tested = new Map<string, TestedShares>();

  private constructor(
    coordinator: TestCoordinator,
    clients: Map<string, TestClient>,
    run: string,
    number: number,
  ) {
    this.coordinator = coordinator;
    this.clients = clients;
    this.run = run;
    this.number = number;
    this.crypto = coordinator.federation.round(number);
  }

  static async start(coordinator: TestCoordinator, task: Partial<TrainTask> = {}): Promise<DrivenRound> {
    const clients = new Map<string, TestClient>();
    for (const { id } of coordinator.federation.roster.members) clients.set(id, await coordinator.member(id));
    const operator = await coordinator.operate();
    const response = await operator.message('POST', '/v1/runs', { ...TASK, ...task });
    operator.close();
    const { run, firstRound } = (await response.json()) as { run: string; firstRound: number };
    const round = new DrivenRound(coordinator, clients, run, firstRound);
    for (const client of clients.values()) {
      await client.state(({ round: number }) => number === firstRound);
      // From here on every message is one of this round.
      client.messages.length = 0;
    }
    return round;
  }

  /** The next round of the same run, with the same connections. */
  async next(): Promise<DrivenRound> {
    const round = new DrivenRound(this.coordinator, new Map(this.clients), this.run, this.number + 1);
    // The last one cleans up for all.
    round.journals.push(...this.journals);
    for (const client of this.clients.values()) {
      await client.state(({ round: number }) => number === round.number);
      client.messages.length = 0;
    }
    return round;
  }

  get members(): string[] {
    return [...this.clients.keys()];
  }

  client(id: string): TestClient {
    const client = this.clients.get(id);
    if (!client) throw new Error(`no client ${id}`);
    return client;
  }

  /** The coordinator's answer to what a member advertises: its own keys, or what a test gives in their place. */
  async advertiseKeys(
    id: string,
    key: EphemeralPublic = this.crypto.ephemeral(id).public,
    keys: Uint8Array = this.crypto.ephemeral(id).keys,
  ): Promise<Response> {
    return this.client(id).http('POST', '/v1/advertisements', {
      body: joinAdvertisement({ run: this.run, key }, keys),
      type: 'application/octet-stream',
    });
  }

  async advertise(...members: string[]): Promise<void> {
    for (const id of members) await this.advertiseKeys(id);
  }

  /** All members advertise; the announced transcript takes the place of the test's own. */
  async announced(): Promise<TestRound> {
    await this.advertise(...this.members);
    const client = this.client('org-1');
    await client.state(({ phase, round }) => phase === 'collecting' && round === this.number);
    const entries = await client.log();
    const announce = entries.map(({ entry }) => entry).findLast(({ kind }) => kind === 'announce');
    if (announce?.kind !== 'announce') throw new Error('no announce');
    const { transcript, transcriptHash } = announce.body;
    this.crypto = Object.assign(Object.create(TestRound.prototype) as TestRound, {
      federation: this.coordinator.federation,
      ephemerals: this.crypto.ephemerals,
      transcript,
      hash: transcriptHash,
    });
    return this.crypto;
  }

  contribution(id: string): Contribution {
    return contribute(this.crypto, id);
  }

  async upload(contribution: Contribution): Promise<UploadStatus> {
    const client = this.client(contribution.member);
    const begun = await statusOf(await client.message('POST', '/v1/uploads', manifestOf(contribution)));
    return statusOf(
      await client.block(begun.upload, begun.offset, blobOf(contribution).subarray(begun.offset)),
    );
  }

  /** This round's entries in the log, as the member reads them. */
  async record(id: string): Promise<RoundRecord> {
    const entries = await this.client(id).log();
    const from = entries.findIndex(
      ({ entry }) => entry.kind === 'announce' && entry.body.transcriptHash === this.crypto.hash,
    );
    const { roster } = this.coordinator.federation;
    const record = new RoundRecord(nodePrimitives, roster, this.crypto.hash, entries[from]?.entry);
    for (const { entry } of entries.slice(from + 1)) record.accept(entry);
    return record;
  }

  /** What an honest committee member finds out about its shares. */
  async test(id: string, contributions: readonly Contribution[]): Promise<TestedShares> {
    const before = this.tested.get(id);
    if (before) return before;
    const { roster } = this.coordinator.federation;
    const { closed } = await this.record(id);
    if (!closed) throw new Error('not closed');
    const tested = TestedShares.test(
      { primitives: nodePrimitives, roster, sign: this.coordinator.federation.key(id).sign },
      { closed, key: this.crypto.ephemeral(id), sealed: sealedFor(contributions, id) },
    );
    this.tested.set(id, tested);
    return tested;
  }

  /** Honest committee members test their shares, complain where they have to, and say that they are done. */
  async check(
    contributions: readonly Contribution[],
    members: readonly string[] = this.members,
  ): Promise<void> {
    await this.client(members[0] ?? '').state(
      ({ phase, round }) => phase === 'checking' && round === this.number,
    );
    for (const id of members) {
      const { complaints } = await this.test(id, contributions);
      for (const complaint of complaints) {
        this.client(id).send({
          type: 'complaint',
          complaint: { ...complaint, proof: [...complaint.proof] },
        });
      }
      this.client(id).send({ type: 'checked', run: this.run, round: this.number });
    }
  }

  /** The answer that an honest committee member makes from the log. */
  async answer(id: string, contributions: readonly Contribution[]): Promise<Answer> {
    const directory = await mkdtemp(join(tmpdir(), 'cordon-journal-'));
    this.journals.push(directory);
    const { set } = await this.record(id);
    if (!set) throw new Error('no set');
    return answerRound(
      {
        primitives: nodePrimitives,
        sign: this.coordinator.federation.key(id).sign,
        journal: new AnswerJournal(directory, durableFiles),
      },
      { set, tested: await this.test(id, contributions) },
    );
  }

  sendAnswer(id: string, answer: Answer): void {
    this.client(id).send({ type: 'answer', answer });
  }

  /** The opened sum is audited by those to whom it falls. */
  async audited(): Promise<void> {
    await this.client('org-1').state(({ phase, round }) => phase === 'auditing' && round === this.number);
    for (const id of this.members) await this.audit(id);
  }

  /** Signs for the chunks that a member is to audit, without a look at them, and sends that. */
  async audit(id: string): Promise<void> {
    const entries = (await this.client(id).log()).map(({ entry }) => entry);
    const opened = entries.findLast(({ kind, body }) => kind === 'opened' && body.round === this.number);
    if (opened?.kind !== 'opened') throw new Error('no sum to audit');
    for (const range of this.duty(id)) {
      this.client(id).send({ type: 'audit', statement: this.statement(id, opened.body, range) });
    }
  }

  /** The chunks that fall to a member as long as nobody is missing. */
  duty(id: string): ChunkRange[] {
    const { roster } = this.coordinator.federation;
    const { transcript, hash } = this.crypto;
    const ids = roster.members.map((member) => member.id);
    const chunks = chunksFor(transcript.length, transcript.layout);
    return auditDuty(auditOrder(nodePrimitives, hash, ids), chunks, auditorsNeeded(roster), id);
  }

  statement(
    member: string,
    { round, transcriptHash, setHash, sumRoot }: LogBody<'opened'>,
    { from, to }: ChunkRange,
    changes: Partial<AuditStatement> = {},
  ): AuditStatement {
    const { consortium, epoch } = this.coordinator.federation.roster;
    const sum = { consortium, epoch, round, member, transcriptHash, setHash, sumRoot, from, to };
    return signFields(this.coordinator.federation.key(member).sign, 'cordon/v1/audit', {
      ...sum,
      ...changes,
    });
  }

  /** The whole round as honest members do it. @returns what they contributed */
  async complete(): Promise<Contribution[]> {
    await this.announced();
    const contributions = this.members.map((id) => this.contribution(id));
    for (const contribution of contributions) await this.upload(contribution);
    await this.check(contributions);
    await this.client('org-1').state(({ phase }) => phase === 'opening');
    for (const id of this.members) this.sendAnswer(id, await this.answer(id, contributions));
    await this.audited();
    await this.client('org-1').state(({ phase }) => phase === 'published');
    return contributions;
  }

  async end(): Promise<void> {
    for (const client of this.clients.values()) client.close();
    for (const directory of this.journals) await rm(directory, { recursive: true, force: true });
  }
}

/** Sums of the plain values, the oracle of every opened sum. */
export function plainSum(contributions: readonly Contribution[]): Uint32Array {
  const [first] = contributions;
  return Uint32Array.from({ length: first?.values.length ?? 0 }, (_, i) =>
    contributions.reduce((sum, { values }) => sum + (values[i] ?? 0), 0),
  );
}
