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
import { contributorSet } from '../public/contributor-set.ts';
import type { EphemeralPublic } from '../public/ephemeral.ts';
import { EpochChain } from '../public/epoch-chain.ts';
import type { SignedEpoch } from '../public/epoch.ts';
import { LogVerifier } from '../public/log-verifier.ts';
import type { SignedLogEntry } from '../public/log.ts';
import { manifestHash, verifyManifest } from '../public/manifest.ts';
import type { Manifest } from '../public/manifest.ts';
import { rosterHash } from '../public/roster.ts';
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
  readonly sealedShare: {
    readonly recipient: Omit<EphemeralPublic, 'signature'>;
    readonly x25519Secret: string;
    readonly mlkem768Seed: string;
    readonly transcriptHash: string;
    readonly contributor: string;
    readonly share: string;
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
  });

  it('a second implementation of canonical bytes has the same hashes', () => {
    expect(v.epochs.map(({ roster }) => hash('roster', roster))).toEqual(v.rosterHashes);
    expect(v.epochs.map(({ roster }) => roster.previous)).toEqual([null, v.rosterHashes[0]]);
    expect(hash('transcript', v.transcript)).toBe(v.transcriptHash);
    for (const one of v.manifests) expect(hash('manifest', one.manifest)).toBe(one.manifestHash);
    expect(
      hash(
        'set',
        v.manifests.map((one) => [one.manifest.member, one.manifestHash]),
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
      expect(signatures).toHaveLength(3);
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
    for (const signed of v.log) {
      const message = Buffer.concat([Buffer.from('cordon/v1/log\0'), Buffer.from(signed.hash, 'hex')]);
      const made = ed25519.sign(message, seed('coordinator'));
      expect(Buffer.from(made).toString('base64url')).toBe(signed.signature);
    }
  });

  it('@noble opens the sealed share with the secret seeds of its recipient', async () => {
    const { recipient, sealed: text, share, contributor } = v.sealedShare;
    const sealed = Buffer.from(text, 'base64url');
    const [theirs, ciphertext] = [sealed.subarray(1, 33), sealed.subarray(33, 1121)];
    const kem = ml_kem768.keygen(Buffer.from(v.sealedShare.mlkem768Seed, 'hex'));
    expect(Buffer.from(kem.publicKey).toString('base64url')).toBe(recipient.mlkem768);
    const secret = Buffer.concat([
      x25519.getSharedSecret(Buffer.from(v.sealedShare.x25519Secret, 'hex'), theirs),
      ml_kem768.decapsulate(ciphertext, kem.secretKey),
    ]);
    const info = hash('seal', {
      version: sealed[0],
      recipient,
      transcriptHash: v.sealedShare.transcriptHash,
      contributor,
      x25519: theirs.toString('base64url'),
      mlkem768: ciphertext.toString('base64url'),
    });
    const salt = Buffer.from('cordon/v1/seal');
    const okm = Uint8Array.from(hkdf(sha256, secret, salt, Buffer.from(info, 'hex'), 44));
    const key = await crypto.subtle.importKey('raw', okm.slice(0, 32), 'AES-GCM', false, ['decrypt']);
    const box = Uint8Array.from(sealed.subarray(1121));
    const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: okm.slice(32) }, key, box);
    expect(Buffer.from(opened).toString('hex')).toBe(share);
  });
});
