/**
 * Rounds of one contributor and one committee member, whose secrets are all overwritten in the end. It prints them, each
 * byte changed so that what is printed is none of them, and waits until its memory has been searched. Started with
 * `--expose-gc` by `crypto/secret/erased-memory.test.ts`.
 */
import { createSecretKey, hkdfSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodePrimitives, systemRandom } from '../crypto/identity/node-primitives.ts';
import type { PublicPrimitives } from '../crypto/public/primitives.ts';
import { encryptVector } from '../crypto/secret/encrypt.ts';
import { EphemeralKey } from '../crypto/secret/ephemeral-key.ts';
import { OneTimeKey } from '../crypto/secret/one-time-key.ts';
import { Sealer, openShare } from '../crypto/secret/seal.ts';
import { TestFederation } from './crypto-federation.ts';

const ROUNDS = 12;
const federation = new TestFederation(6);
const { roster } = federation;
const noted: [what: string, changed: string][] = [];

function note(what: string, bytes: Uint8Array): void {
  let changed = '';
  for (const byte of bytes) changed += (byte ^ 0x5a).toString(16).padStart(2, '0');
  noted.push([what, changed]);
}

/** They note what goes by, and leave it to whoever owns it to overwrite it. */
const primitives: PublicPrimitives = {
  ...nodePrimitives,
  hkdfSha256: (secret, salt, info, length) => {
    note('agreed secret', secret);
    const okm = nodePrimitives.hkdfSha256(secret, salt, info, length);
    note('key of a box', okm.subarray(0, 32));
    return okm;
  },
};
const seed = (length: number): Uint8Array => {
  const bytes = systemRandom(length);
  if (length === 32) note('seed', bytes);
  return bytes;
};

/** The X25519 half of the pairs that follow from an ephemeral key's master (`ephemeral-key.ts`). */
function notePairs(master: Uint8Array): void {
  for (let index = 0; index < roster.members.length; index++) {
    const info = Buffer.concat([Buffer.from('cordon/v1/pair'), Buffer.from([0, 0, 0, index])]);
    const secret = new Uint8Array(hkdfSync('sha256', createSecretKey(master), new Uint8Array(), info, 96));
    note('X25519 key of a pair', secret.subarray(0, 32));
    secret.fill(0);
  }
}

const master = (length: number): Uint8Array => {
  const bytes = seed(length);
  notePairs(bytes);
  return bytes;
};

function round(number: number): void {
  const seat = { consortium: roster.consortium, epoch: 0, round: number, member: 'org-2', committeeIndex: 2 };
  const modules = { primitives, random: master, sign: federation.key('org-2').sign };
  const key = EphemeralKey.generate(modules, seat, roster.members.length);
  const transcriptHash = 'a'.repeat(64);
  key.bind(transcriptHash);
  const one = OneTimeKey.sample(seed);
  const vector = {
    transcriptHash: systemRandom(32),
    layout: '3x26' as const,
    valueBits: 16,
    values: new Uint32Array(2000),
  };
  for (const chunk of encryptVector(nodePrimitives, one, vector)) void chunk;
  const { shares } = one.split(
    nodePrimitives,
    4,
    roster.committee.map((_, i) => i + 1),
  );
  for (const [i, { id: contributor }] of roster.members.entries()) {
    const plaintext = shares[i]?.plaintext ?? new Uint8Array();
    if (plaintext.length === 33) note('seed of a share', plaintext.subarray(1));
    const place = { recipient: key.public, pair: key.pair(i), transcriptHash, contributor };
    const sealed = new Sealer(primitives).seal(place, plaintext);
    openShare(primitives, key, roster, { transcriptHash, contributor }, sealed)?.fill(0);
    plaintext.fill(0);
  }
  one.erase();
  key.erase();
}

for (let number = 0; number < ROUNDS; number++) {
  round(number);
  // other work, so that the engine moves what it holds
  const garbage = Array.from({ length: 20_000 }, (_, i) => ({ i, pair: [i, i + 1] }));
  await sleep(garbage.length > 0 ? 5 : 0);
}
// OpenSSL's own copies are overwritten when their objects are collected.
for (let i = 0; i < 4; i++) {
  globalThis.gc?.();
  await sleep(50);
}
process.stdout.write(`${JSON.stringify(noted)}\n`);
process.stdin.resume();
