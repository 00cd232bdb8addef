import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { describe, expect, it } from 'vitest';
import { nodePrimitives as p } from '../identity/node-primitives.ts';
import { verifyAnswer } from '../public/answer.ts';
import type { Answer } from '../public/answer.ts';
import { contributorOf } from '../public/contributor-set.ts';
import { contributorSet } from '../public/round-record.ts';
import type { Complaint } from '../public/complaint.ts';
import { verifyComplaint } from '../public/complaint.ts';
import type { EphemeralPublic } from '../public/ephemeral.ts';
import { EpochChain } from '../public/epoch-chain.ts';
import type { SignedEpoch } from '../public/epoch.ts';
import { LogVerifier } from '../public/log-verifier.ts';
import type { SignedLogEntry } from '../public/log.ts';
import { manifestHash, verifyManifest } from '../public/manifest.ts';
import type { Manifest } from '../public/manifest.ts';
import { rosterHash } from '../public/roster.ts';
import type { Roster } from '../public/roster.ts';
import { transcriptHash, verifyTranscript } from '../public/transcript.ts';
import type { Transcript } from '../public/transcript.ts';

interface Vectors {
  readonly signingSeeds: Record<string, string>;
  readonly epochs: SignedEpoch[];
  readonly rosterHashes: string[];
  readonly transcript: Transcript;
  readonly transcriptHash: string;
  readonly manifests: { manifest: Manifest; manifestHash: string }[];
  readonly log: SignedLogEntry[];
  readonly setHash: string;
  readonly answer: Answer;
  readonly complaint: Complaint;
  readonly pairMasters: Record<string, string>;
  readonly sealedShare: {
    readonly recipient: string;
    readonly contributor: string;
    readonly pairSecret: string;
    readonly proof: readonly string[];
    readonly sealed: string;
  };
}

const v = JSON.parse(readFileSync(new URL('./messages.json', import.meta.url), 'utf8')) as Vectors;

/** A second implementation of the canonical bytes, enough for these structures. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`;
}
const bytes = (domain: string, value: unknown) => Buffer.from(`cordon/v1/${domain}\0${canonical(value)}`);
const hash = (domain: string, value: unknown) =>
  createHash('sha256').update(bytes(domain, value)).digest('hex');

const rosterOf = () => v.epochs[1]?.roster ?? ({} as Roster);
const contributors = v.manifests.map((one) => ({ ...one, member: one.manifest.member }));

describe('known answers of the messages', () => {
  it('this code accepts every one of them', () => {
    const chain = EpochChain.verify(p, v.epochs);
    const roster = chain.last;
    expect(v.epochs.map((one) => rosterHash(p, one.roster))).toEqual(v.rosterHashes);
    expect(transcriptHash(p, v.transcript)).toBe(v.transcriptHash);
    expect(() => verifyTranscript(p, v.transcript, roster)).not.toThrow();
    for (const one of v.manifests) {
      expect(manifestHash(p, one.manifest)).toBe(one.manifestHash);
      expect(() => verifyManifest(p, one.manifest, v.transcript, roster)).not.toThrow();
    }
    const verifier = new LogVerifier(p, chain);
    for (const entry of v.log) verifier.accept(entry);
    expect(contributorSet(p, v.log, v.transcriptHash, roster).setHash).toBe(v.setHash);
    expect(() => verifyAnswer(p, v.answer, v.transcript, v.setHash, roster)).not.toThrow();
    const accused = contributors.find(({ member }) => member === v.complaint.contributor);
    const contributor = accused && contributorOf(p, accused.manifest);
    expect(contributor?.manifestHash).toBe(accused?.manifestHash);
    const { transcript, transcriptHash: digest } = v;
    const context = { transcript, transcriptHash: digest, roster, contributor };
    expect(verifyComplaint(p, v.complaint, context)).toBe('does not fit the others');
  });

  it('a second implementation of canonical bytes has the same hashes', () => {
    expect(v.epochs.map(({ roster }) => hash('roster', roster))).toEqual(v.rosterHashes);
    expect(v.epochs.map(({ roster }) => roster.previous)).toEqual([null, v.rosterHashes[0]]);
    expect(hash('transcript', v.transcript)).toBe(v.transcriptHash);
    for (const one of v.manifests) expect(hash('manifest', one.manifest)).toBe(one.manifestHash);
    expect(
      hash(
        'set',
        v.manifests.slice(0, 3).map((one) => [one.manifest.member, one.manifestHash]),
      ),
    ).toBe(v.setHash);
    for (const signed of v.log) expect(hash('log', signed.entry)).toBe(signed.hash);
  });

  it('@noble makes the same signatures from the seeds', () => {
    const seed = (id: string) => Buffer.from(v.signingSeeds[id] ?? '', 'hex');
    const signature = (id: string, domain: string, object: { signature: string }) => {
      const { signature: _, ...fields } = object;
      return Buffer.from(ed25519.sign(bytes(domain, fields), seed(id))).toString('base64url');
    };
    for (const [epoch, { signatures }] of v.epochs.entries()) {
      const message = bytes('epoch', { rosterHash: v.rosterHashes[epoch] });
      expect(signatures).toHaveLength(epoch === 0 ? 4 : 3);
      for (const one of signatures) {
        const made = ed25519.sign(message, seed(one.member));
        expect(Buffer.from(made).toString('base64url')).toBe(one.signature);
      }
    }
    for (const key of v.transcript.committee) {
      expect(signature(key.member, 'ephemeral', key)).toBe(key.signature);
    }
    for (const { manifest } of v.manifests) {
      expect(signature(manifest.member, 'manifest', manifest)).toBe(manifest.signature);
    }
    expect(signature(v.answer.member, 'answer', v.answer)).toBe(v.answer.signature);
    expect(signature(v.complaint.member, 'complaint', v.complaint)).toBe(v.complaint.signature);
    for (const signed of v.log) {
      const message = Buffer.concat([Buffer.from('cordon/v1/log\0'), Buffer.from(signed.hash, 'hex')]);
      const made = ed25519.sign(message, seed('coordinator'));
      expect(Buffer.from(made).toString('base64url')).toBe(signed.signature);
    }
  });

  /** The pair of a master for the member of that index, and its secret, by @noble. */
  function pairOf(recipient: string, contributor: string) {
    const index = rosterOf().members.findIndex(({ id }) => id === contributor);
    const master = Buffer.from(v.pairMasters[recipient] ?? '', 'hex');
    const number = Buffer.alloc(4);
    number.writeUInt32BE(index);
    const secret = hkdf(
      sha256,
      master,
      undefined,
      Buffer.concat([Buffer.from('cordon/v1/pair'), number]),
      96,
    );
    const kem = ml_kem768.keygen(secret.slice(32));
    const pair = Buffer.concat([x25519.getPublicKey(secret.slice(0, 32)), kem.publicKey]);
    return { index, secret, kem, pair };
  }

  /** The root of a Merkle tree of four leaves, as RFC 9162 draws it. */
  const node = (left: Uint8Array, right: Uint8Array) =>
    createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
  const leaf = (bytes: Uint8Array) => createHash('sha256').update(Buffer.of(0)).update(bytes).digest();

  it('@noble makes the same pairs from the masters, and they stand under the roots that were signed', () => {
    for (const key of v.transcript.committee) {
      const leaves = rosterOf().members.map(({ id }) => leaf(pairOf(key.member, id).pair));
      const [a, b, c, d] = leaves as [Buffer, Buffer, Buffer, Buffer];
      expect(node(node(a, b), node(c, d)).toString('hex')).toBe(key.keysRoot);
    }
  });

  /** Opens a sealed share with nothing of this project. */
  async function open(member: string, contributor: string, text: string): Promise<Buffer> {
    const { secret, kem, pair } = pairOf(member, contributor);
    const { signature: _, ...recipient } = v.transcript.committee.find(
      (one) => one.member === member,
    ) as EphemeralPublic;
    const sealed = Buffer.from(text, 'base64url');
    const [theirs, ciphertext] = [sealed.subarray(1, 33), sealed.subarray(33, 1121)];
    const agreed = Buffer.concat([
      x25519.getSharedSecret(secret.slice(0, 32), theirs),
      ml_kem768.decapsulate(ciphertext, kem.secretKey),
    ]);
    const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const info = hash('seal', {
      recipient,
      pair: digest(pair),
      transcriptHash: v.transcriptHash,
      contributor,
      header: digest(sealed.subarray(0, 1121)),
    });
    const okm = Uint8Array.from(
      hkdf(sha256, agreed, Buffer.from('cordon/v1/seal'), Buffer.from(info, 'hex'), 44),
    );
    const key = await crypto.subtle.importKey('raw', okm.slice(0, 32), 'AES-GCM', false, ['decrypt']);
    const box = Uint8Array.from(sealed.subarray(1121));
    return Buffer.from(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: okm.slice(32) }, key, box));
  }

  it('@noble opens the sealed share with the secret of its pair', async () => {
    const { recipient, contributor, sealed, pairSecret } = v.sealedShare;
    expect(Buffer.from(pairOf(recipient, contributor).secret).toString('base64url')).toBe(pairSecret);
    const share = await open(recipient, contributor, sealed);
    const manifest = contributors.find(({ member }) => member === contributor)?.manifest;
    expect(await fits(share, manifest as Manifest)).toBe(true);
  });

  it('with the secret that the complaint reveals @noble finds what it says: a share that fits no polynomial', async () => {
    const { member, contributor, sealed } = v.complaint;
    const share = await open(member, contributor, sealed);
    const manifest = contributors.find((one) => one.member === contributor)?.manifest;
    expect(await fits(share, manifest as Manifest)).toBe(false);
  });

  /** The low-degree test of the first recipient in whole numbers: its position is one of those that are published. */
  async function fits(share: Buffer, manifest: Manifest): Promise<boolean> {
    const p = 131071n;
    const stream = async (key: Uint8Array, length: number) => {
      const aes = await crypto.subtle.importKey('raw', Uint8Array.from(key), 'AES-CTR', false, ['encrypt']);
      const start = { name: 'AES-CTR', counter: new Uint8Array(16), length: 64 };
      return Buffer.from(await crypto.subtle.encrypt(start, aes, new Uint8Array(length)));
    };
    expect(share[0]).toBe(1);
    const words = await stream(share.subarray(1), 4 * 4200);
    const elements = Array.from({ length: 4200 }, (_, i) => words.readUInt32LE(4 * i) % 2 ** 17)
      .filter((element) => element !== 131071)
      .map(BigInt);
    const { lowDegree, signature: _, ...core } = manifest;
    const challenge = await stream(Buffer.from(hash('low-degree', core), 'hex'), 8 * 4096 * 2);
    const published = BigInt(`0x${Buffer.from(lowDegree, 'base64url').reverse().toString('hex')}`);
    return Array.from({ length: 8 }, (_value, r) => {
      let sum = elements[4096 + r] ?? 0n;
      for (let i = 0; i < 4096; i++) {
        sum += BigInt(challenge.readUInt16LE(2 * (4096 * r + i))) * (elements[i] ?? 0n);
      }
      return sum % p === ((published >> BigInt(17 * r)) & p);
    }).every(Boolean);
  }
});
