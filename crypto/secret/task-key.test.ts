import { inspect } from 'node:util';
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { TestFederation } from '../../test/crypto-federation.ts';
import { nodePrimitives, systemRandom } from '../identity/node-primitives.ts';
import { fromBase64Url, toBase64Url } from '../public/encoding.ts';
import { rosterHash } from '../public/roster.ts';
import { signFields } from '../public/signed.ts';
import {
  type KeyPart,
  type KeyPlace,
  type SealKey,
  partsNeeded,
  sketchAfter,
  sketchStart,
  taskKeyHash,
  verifyKeyPart,
  verifySealKey,
} from '../public/task-key.ts';
import { SealSecret, type TaskKeyModules, makeKeyPart } from './task-key.ts';

const federation = new TestFederation(4);
const { roster } = federation;
const RUN = 'run-0123456789abcdef';
const place: KeyPlace = {
  consortium: roster.consortium,
  epoch: roster.epoch,
  rosterHash: rosterHash(nodePrimitives, roster),
  run: RUN,
  taskHash: 'ab'.repeat(32),
};
const modulesOf = (id: string): TaskKeyModules => ({
  primitives: nodePrimitives,
  random: systemRandom,
  sign: federation.key(id).sign,
});
const ids = roster.members.map(({ id }) => id);

/** Everybody shows a key, and as many as it takes make a part; `at` is where they think they are. */
function keyed(at: KeyPlace = place) {
  const secrets = new Map(ids.map((id) => [id, new SealSecret(modulesOf(id), { ...at, member: id })]));
  const recipients = [...secrets.values()].map((one) => one.public);
  const parts = ids.slice(0, partsNeeded(roster)).map((id) => makeKeyPart(modulesOf(id), at, id, recipients));
  return { secrets, recipients, parts };
}

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'accepted';
};

/** The part with other fields, signed anew by its maker. */
const resigned = (part: KeyPart, change: Partial<KeyPart>): KeyPart => {
  const { signature: _, ...fields } = { ...part, ...change };
  return signFields(federation.key(part.member).sign, 'cordon/v1/key-part', fields);
};

describe('the key of a sketch task', () => {
  it('is one and the same for every member, and its name follows from the log alone', () => {
    const { secrets, recipients, parts } = keyed();
    for (const key of recipients) verifySealKey(nodePrimitives, key, roster, RUN);
    for (const part of parts) verifyKeyPart(nodePrimitives, part, roster, place, ids);
    const keys = [...secrets.values()].map((secret) => secret.open(place, parts));
    const hash = taskKeyHash(nodePrimitives, place, parts);
    expect(keys.map((key) => key.hash)).toEqual(ids.map(() => hash));
    expect(new Set(keys.map((key) => toBase64Url(key.reveal()))).size).toBe(1);
  });

  it('hashes names as HMAC-SHA256 does, and names of different kinds or cuts never alike', () => {
    const { secrets, parts } = keyed();
    const key = secrets.get('org-1')?.open(place, parts);
    const plain = createHmac('sha256', key?.reveal() ?? '');
    plain.update('cordon/v1/sketch pair\0').update('2\0ab').update('1\0c');
    expect(Buffer.from(key?.mac('pair', 'ab', 'c') ?? [])).toEqual(plain.digest());
    const all = [
      key?.mac('pair', 'ab', 'c'),
      key?.mac('pair', 'a', 'bc'),
      key?.mac('account', 'ab', 'c'),
      key?.mac('source', 'abc'),
      key?.mac('account', 'abc'),
    ].map((mac) => toBase64Url(mac ?? new Uint8Array()));
    expect(new Set(all).size).toBe(5);
  });

  it('takes an honest random source of one maker only: with another part the key is another', () => {
    const { secrets, recipients, parts } = keyed();
    const dead: TaskKeyModules = { ...modulesOf('org-1'), random: (length) => new Uint8Array(length) };
    const zero = makeKeyPart(dead, place, 'org-1', recipients);
    const open = (all: readonly KeyPart[]) =>
      toBase64Url(secrets.get('org-3')?.open(place, all).reveal() ?? new Uint8Array());
    const again = makeKeyPart(modulesOf('org-2'), place, 'org-2', recipients);
    const [, honest] = parts;
    if (!honest) throw new Error('no part');
    expect(open([zero, honest])).not.toBe(open([zero, again]));
    expect(open([zero, honest])).not.toBe(open([honest, zero]));
  });

  it('is shown by nothing that prints', () => {
    const { secrets, parts } = keyed();
    const secret = secrets.get('org-1');
    const key = secret?.open(place, parts);
    const shown = `${inspect(key)} ${JSON.stringify(key)} ${inspect(secret)} ${JSON.stringify(secret)}`;
    expect(shown).not.toContain(toBase64Url(key?.reveal() ?? new Uint8Array()));
    expect(inspect(key)).toMatch(/^TaskKey\([0-9a-f]{16}\)$/);
    key?.erase();
    secret?.erase();
    expect(() => key?.mac('account', 'a')).toThrow('erased');
    expect(codeOf(() => secret?.open(place, parts))).toBe('TASK_KEY_INVALID');
  });
});

describe('a hostile coordinator', () => {
  it('that swaps two boxes is found by the signature, and by the box itself where the maker signs it', () => {
    const { secrets, parts } = keyed();
    const [first, second] = parts;
    if (!first || !second) throw new Error('no parts');
    const [a, b, ...rest] = first.boxes;
    if (!a || !b) throw new Error('no boxes');
    const swapped = [{ ...a, box: b.box }, { ...b, box: a.box }, ...rest];
    const forged = { ...first, boxes: swapped };
    expect(codeOf(() => verifyKeyPart(nodePrimitives, forged, roster, place, ids))).toBe('SIGNATURE_INVALID');
    const signed = resigned(first, { boxes: swapped });
    verifyKeyPart(nodePrimitives, signed, roster, place, ids);
    expect(codeOf(() => secrets.get('org-1')?.open(place, [signed, second]))).toBe('TASK_KEY_INVALID');
    expect(codeOf(() => secrets.get('org-3')?.open(place, [signed, second]))).toBe('accepted');
  });

  it('that shows two members different parts gives them keys of different names, and so different rounds', () => {
    const { secrets, recipients, parts } = keyed();
    const [first, second] = parts;
    const third = makeKeyPart(modulesOf('org-3'), place, 'org-3', recipients);
    if (!first || !second) throw new Error('no parts');
    const one = secrets.get('org-1')?.open(place, [first, second]);
    const other = secrets.get('org-2')?.open(place, [first, third]);
    expect(one?.hash).not.toBe(other?.hash);
    const starts = [one, other].map((key) => sketchStart(nodePrimitives, place, key?.hash ?? ''));
    expect(new Set(starts).size).toBe(2);
    const after = starts.map((before) =>
      sketchAfter(nodePrimitives, before, { round: 1, members: 3, cells: '00'.repeat(32) }),
    );
    expect(new Set(after).size).toBe(2);
  });

  it('that replays keys or parts of another run, task, epoch or roster is refused', () => {
    const changes: Partial<KeyPlace>[] = [
      { run: 'run-fedcba9876543210' },
      { epoch: 1 },
      { taskHash: 'cd'.repeat(32) },
      { consortium: 'other' },
    ];
    for (const change of changes) {
      const old = keyed({ ...place, ...change });
      const [part] = old.parts;
      const [key] = old.recipients;
      if (!part || !key) throw new Error('nothing');
      expect(codeOf(() => verifyKeyPart(nodePrimitives, part, roster, place, ids))).toBe('TASK_KEY_INVALID');
      if (change.taskHash === undefined)
        expect(codeOf(() => verifySealKey(nodePrimitives, key, roster, RUN))).toBe('TASK_KEY_INVALID');
    }
    // The roster's hash stands in no field of the part: the box does not open.
    const other = keyed({ ...place, rosterHash: 'ef'.repeat(32) });
    for (const part of other.parts) verifyKeyPart(nodePrimitives, part, roster, place, ids);
    expect(codeOf(() => other.secrets.get('org-1')?.open(place, other.parts))).toBe('TASK_KEY_INVALID');
  });

  it('cannot add a recipient or leave one out, nor show a key of its own for a member', () => {
    const { recipients, parts } = keyed();
    const [part] = parts;
    const [key] = recipients;
    if (!part || !key) throw new Error('nothing');
    for (const list of [ids.slice(1), [...ids, 'org-5'], ids.toReversed()])
      expect(codeOf(() => verifyKeyPart(nodePrimitives, part, roster, place, list))).toBe('TASK_KEY_INVALID');
    const own = new SealSecret(modulesOf('org-2'), { ...place, member: 'org-1' }).public;
    expect(codeOf(() => verifySealKey(nodePrimitives, own, roster, RUN))).toBe('SIGNATURE_INVALID');
    const zero: SealKey = signFields(federation.key('org-1').sign, 'cordon/v1/seal-key', {
      consortium: key.consortium,
      epoch: key.epoch,
      run: key.run,
      member: key.member,
      keys: toBase64Url(fromBase64Url(key.keys, 1216).fill(0, 0, 32)),
    });
    expect(codeOf(() => verifySealKey(nodePrimitives, zero, roster, RUN))).toBe('TASK_KEY_INVALID');
  });

  it('and a maker that commits to one part and seals another is named by whoever opens it', () => {
    const { secrets, recipients, parts } = keyed();
    const [first, second] = parts;
    if (!first || !second) throw new Error('no parts');
    const lying = resigned(first, {
      boxes: makeKeyPart(modulesOf('org-1'), place, 'org-1', recipients).boxes,
    });
    verifyKeyPart(nodePrimitives, lying, roster, place, ids);
    expect(() => secrets.get('org-2')?.open(place, [lying, second])).toThrow(
      /a box of org-1 for org-2.*another part/,
    );
  });
});
