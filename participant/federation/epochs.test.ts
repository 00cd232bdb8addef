import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodePrimitives } from '../../crypto/identity/node-primitives.ts';
import type { EpochChain } from '../../crypto/public/epoch-chain.ts';
import { toCordonError } from '../../protocol/errors.ts';
import { TestFederation } from '../../test/crypto-federation.ts';
import { DrivenMember, oneHot, until } from '../../test/driven-member.ts';
import { TASK, TestCoordinator } from '../../test/running-coordinator.ts';
import { EpochBook } from './epoch-book.ts';

let coordinator: TestCoordinator;
let members: DrivenMember[];
beforeEach(async () => {
  coordinator = await TestCoordinator.start(4);
  members = [];
});
afterEach(async () => {
  for (const member of members) await member.stop();
  await coordinator.stop();
});

async function enrol(place: number): Promise<DrivenMember> {
  const member = await DrivenMember.start(`org-${place + 1}`, coordinator, { train: oneHot(place) });
  members.push(member);
  return member;
}

let seed = 100;
async function oneRun(expected: readonly DrivenMember[]): Promise<void> {
  const before = new Map(expected.map((member) => [member, member.finished.length]));
  const operator = await coordinator.operate();
  seed += 1; // nobody trains from the same model twice
  await operator.message('POST', '/v1/runs', { ...TASK, seed });
  operator.close();
  await until(expected, () => expected.every((one) => one.finished.length > (before.get(one) ?? 0)));
}

const entries = () => members[0]?.client.log() ?? Promise.resolve([]);
const sumOf = async (round: number) => (await members[0]?.client.sum(round))?.slice(0, 5);
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'accepted',
    (error: unknown) => toCordonError(error).code,
  );

describe('a consortium that goes from one epoch to the next', () => {
  it('from four members to five: three of four sign, rounds in both, the members follow without a restart', async () => {
    for (const place of [0, 1, 2, 3]) await enrol(place);
    await oneRun(members);
    const founded = coordinator.federation;
    const grown = founded.next(5);
    expect(grown.chain.epochs[1]?.signatures).toHaveLength(3);

    await coordinator.restart(grown);
    for (const member of members) await member.reconnect();
    await enrol(4);
    await oneRun(members);

    const kinds = (await entries()).map(({ entry }) => entry.kind);
    expect(kinds.filter((kind) => kind === 'epoch')).toHaveLength(1);
    expect(kinds.indexOf('epoch')).toBe(kinds.indexOf('finish') + 1);
    expect(await sumOf(1)).toEqual([1, 1, 1, 1, 0]);
    expect(await sumOf(2)).toEqual([1, 1, 1, 1, 1]);
    for (const member of members) {
      expect(member.epochs.last).toEqual(grown.roster);
      expect(member.finished.at(-1)).toEqual(members[0]?.finished.at(-1));
    }
    // Lineage follows from the log, so all members have the same, also who came later and only read of the first run.
    const names = ['org-1', 'org-2', 'org-3', 'org-4', 'org-5'];
    const ends = (await entries()).filter(({ entry }) => entry.kind === 'finish');
    const lineage = [4, 5].map((count, i) => ({
      rounds: [{ from: i + 1, to: i + 1, epoch: i, contributors: names.slice(0, count) }],
      ended: { index: ends[i]?.entry.index, hash: ends[i]?.hash, time: ends[i]?.entry.time },
    }));
    for (const member of members)
      expect(member.records.slice(-2)).toEqual(lineage.slice(-member.records.length));
    // What was learned stands on disk: a member that starts again with its old roster file does not go back.
    const stored = join(members[0]?.state ?? '', 'epochs.json');
    const again = await EpochBook.open(stored, nodePrimitives, founded.chain);
    expect(again.last).toEqual(grown.roster);
  });

  it('a round that was cut off ends in its own epoch, and the members go on in the next', async () => {
    for (const place of [0, 1, 2, 3]) await enrol(place);
    const operator = await coordinator.operate();
    await operator.message('POST', '/v1/runs', TASK);
    operator.close();
    await until(members, () => members[0]?.latest()?.phase === 'collecting');
    const open = await readFile(join(coordinator.state, 'log.bin'));
    await coordinator.halt();
    await writeFile(join(coordinator.state, 'log.bin'), open); // as a crash leaves it
    await coordinator.restart(coordinator.federation.next(4));
    for (const member of members) await member.reconnect();
    const kinds = (await entries()).map(({ entry }) => entry.kind);
    expect(kinds.slice(-2)).toEqual(['abort', 'epoch']);
    await oneRun(members);
  });

  it('a member that the new epoch leaves out learns so from the signed epoch, and may ask for nothing else', async () => {
    for (const place of [0, 1, 2, 3]) await enrol(place);
    const [, , , left] = members;
    if (!left) throw new Error('no member');
    const { roster } = coordinator.federation;
    const without = roster.members.slice(0, 3);
    const three = coordinator.federation.next(3, {
      members: without,
      committee: without.map(({ id }) => id),
    });
    // It still has its key; the coordinator knows it from the epoch before.
    three.keys.set('org-4', coordinator.federation.key('org-4'));
    await coordinator.restart(three);
    await left.reconnect();
    expect(left.epochs.last).toEqual(three.roster);
    for (const path of ['/v1/log?from=0', '/v1/runs', '/v1/rounds/1/sum']) {
      expect([path, (await left.client.http('GET', path)).status]).toEqual([path, 403]);
    }
    left.client.send({ type: 'ask-state' });
    expect((await left.client.error()).code).toBe('FORBIDDEN');
    for (const member of members.slice(0, 3)) await member.reconnect();
    await oneRun(members.slice(0, 3));
    expect(left.client.messages.some(({ type }) => type === 'state')).toBe(false);
  });

  it('a coordinator that stays in an earlier epoch than a member knows gets no part of it', async () => {
    for (const place of [0, 1, 2, 3]) await enrol(place);
    const ahead = await EpochBook.open(null, nodePrimitives, coordinator.federation.next(5).chain);
    expect(await codeOf(coordinator.member('org-1', ahead))).toBe('COORDINATOR_UNREACHABLE');
  });

  it('a forked chain is refused: a coordinator that offers another epoch of a number that is known', async () => {
    const founded = coordinator.federation;
    const known = await EpochBook.open(null, nodePrimitives, founded.next(5).chain);
    const other = founded.next(6);
    await coordinator.restart(other);
    expect(await codeOf(coordinator.member('org-1', known))).toBe('EPOCH_INVALID');
    await coordinator.restart(other.next(7));
    expect(await codeOf(coordinator.member('org-1', known))).toBe('EPOCH_INVALID');
  });

  it('another consortium of the same name is refused', async () => {
    const stranger = await EpochBook.open(null, nodePrimitives, new TestFederation(4).chain);
    expect(await codeOf(coordinator.member('org-1', stranger))).toBe('EPOCH_INVALID');
  });
});

describe('a book of epochs', () => {
  const four = new TestFederation(4);
  const five = four.next(5);
  const source = (chain: EpochChain) => ({
    epoch: (number: number) =>
      Promise.resolve(
        chain.epochs[number] ? (JSON.parse(JSON.stringify(chain.epochs[number])) as never) : null,
      ),
  });
  const book = () => EpochBook.open(null, nodePrimitives, four.chain);

  it('takes all epochs that follow and none that does not; after a refusal it knows what it knew', async () => {
    const known = await book();
    await known.update(source(five.next(6).chain));
    expect(known.last.epoch).toBe(2);
    await known.update(source(four.chain)); // a shorter chain takes nothing away
    expect(known.last.epoch).toBe(2);

    const [first, second] = five.chain.epochs;
    if (!first || !second) throw new Error('no epochs');
    const unsigned = { ...second, signatures: second.signatures.slice(0, 2) };
    const sly = await book();
    const offered = {
      epoch: (number: number) => Promise.resolve(([first, unsigned][number] ?? null) as never),
    };
    expect(await codeOf(sly.update(offered))).toBe('EPOCH_INVALID');
    expect(sly.last).toEqual(four.roster);
  });

  it('keeps what was verified where a later epoch does not follow or the link breaks, also on disk', async () => {
    const path = join(coordinator.state, 'partly.json');
    const [first, second] = five.chain.epochs;
    const garbled = { ...second, signatures: second?.signatures.slice(0, 1) };
    for (const third of [() => Promise.resolve(garbled), () => Promise.reject(new Error('cut'))]) {
      const known = await EpochBook.open(path, nodePrimitives, four.chain);
      const epoch = (number: number) => (number === 2 ? third() : Promise.resolve([first, second][number]));
      await expect(known.update({ epoch: (number) => epoch(number) as never })).rejects.toThrow();
      expect(known.last).toEqual(five.roster);
      expect((await EpochBook.open(path, nodePrimitives, four.chain)).last).toEqual(five.roster);
    }
  });

  it('does not go back to an older roster file once a newer one was kept, and pins none that was not', async () => {
    const path = join(coordinator.state, 'kept.json');
    const wrong = await EpochBook.open(path, nodePrimitives, new TestFederation(4).chain);
    expect(wrong.last.epoch).toBe(0); // given up: this site is no member there
    const newer = await EpochBook.open(path, nodePrimitives, five.chain);
    await newer.keep();
    await newer.keep();
    const older = await EpochBook.open(path, nodePrimitives, four.chain);
    expect(older.last).toEqual(five.roster);
    const later = await EpochBook.open(path, nodePrimitives, five.next(6).chain);
    await later.keep();
    expect((await EpochBook.open(path, nodePrimitives, five.chain)).last.epoch).toBe(2);
  });

  it('refuses a roster file that is not one chain with what was learned, and a stored file that is damaged', async () => {
    const path = join(coordinator.state, 'epochs.json');
    const known = await EpochBook.open(path, nodePrimitives, four.chain);
    await known.update(source(five.chain));
    const open = (chain: EpochChain) => codeOf(EpochBook.open(path, nodePrimitives, chain));
    expect(await open(four.chain)).toBe('accepted');
    expect(await open(five.next(4).chain)).toBe('accepted');
    expect(await open(four.next(6).chain)).toBe('EPOCH_INVALID');
    expect(await open(new TestFederation(4).chain)).toBe('EPOCH_INVALID');
    const text = await readFile(path, 'utf8');
    for (const damaged of ['', '{}', text.replace('"kMin":3', '"kMin":4'), text.slice(1)]) {
      await writeFile(path, damaged);
      expect(await open(four.chain)).toBe('EPOCH_INVALID');
    }
  });
});
