import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { nodePrimitives, systemRandom } from '../identity/node-primitives.ts';
import { SealSecret, makeKeyPart } from '../secret/task-key.ts';
import { KeyingRecord } from './keying-record.ts';
import { rosterHash } from './roster.ts';

const federation = new TestFederation(4);
const { roster } = federation;
const place = {
  consortium: roster.consortium,
  epoch: roster.epoch,
  rosterHash: rosterHash(nodePrimitives, roster),
  run: 'run-0123456789abcdef',
  taskHash: 'ab'.repeat(32),
};
const modulesOf = (id: string) => ({
  primitives: nodePrimitives,
  random: systemRandom,
  sign: federation.key(id).sign,
});
const keys = roster.members.map(({ id }) => new SealSecret(modulesOf(id), { ...place, member: id }).public);
const key = (i: number) => {
  const one = keys[i];
  if (!one) throw new Error(`no key ${i}`);
  return one;
};
const part = (i: number) => makeKeyPart(modulesOf(`org-${i + 1}`), place, `org-${i + 1}`, keys);

function record(seals = 4, parts: readonly ReturnType<typeof part>[] = []): KeyingRecord {
  const one = new KeyingRecord(nodePrimitives, roster, place);
  for (let i = 0; i < seals; i++) one.addKey(key(i));
  if (parts.length > 0) one.seal();
  for (const each of parts) one.addPart(each);
  return one;
}

describe('how a key is made, as the log tells it', () => {
  it('ends with the name that the parts give it, and with what the first round stands on', () => {
    const one = record(4, [part(0), part(2)]);
    expect([one.complete, one.keyHash, one.start]).toEqual([true, null, null]);
    one.finish(one.nameOfKey());
    expect(one.keyHash).toBe(one.nameOfKey());
    expect(one.start).toMatch(/^[0-9a-f]{64}$/);
    expect(one.start).not.toBe(one.keyHash);
  });

  it('takes parts of different makers alone: one that colludes cannot be two', () => {
    const one = record(4, [part(0)]);
    expect(() => one.addPart(part(0))).toThrow('two of org-1');
    expect(one.complete).toBe(false);
  });

  it.each([
    ['a second key of a member', () => record().addKey(key(0))],
    [
      'a key after the recipients are fixed',
      () => record(3, [makeKeyPart(modulesOf('org-1'), place, 'org-1', keys.slice(0, 3))]).addKey(key(3)),
    ],
    ['recipients below the floor of the roster', () => record(2).seal()],
    ['recipients that are fixed twice', () => record(4, [part(0)]).seal()],
    ['a part before the recipients are fixed', () => record().addPart(part(0))],
    ['a part too many', () => record(4, [part(0), part(1)]).addPart(part(2))],
    ['a key before its parts', () => record(4, [part(0)]).finish(record(4, [part(0)]).nameOfKey())],
    ['a key under another name', () => record(4, [part(0), part(1)]).finish('00'.repeat(32))],
  ])('refuses %s: it condemns the log', (_, work) => {
    expect(work).toThrow('LOG_INVALID');
  });
});
