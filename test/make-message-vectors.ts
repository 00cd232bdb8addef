#!/usr/bin/env node
// Known answers of the messages: one round of three members in epoch 1, every signed or hashed structure of it.
//
//   node test/make-message-vectors.ts           print them
//   node test/make-message-vectors.ts --write   write crypto/vectors/messages.json (a change means the format changed)
//
// Long-term keys come from seeds; ephemeral keys and contents that a signature only covers are random. The sealed share
// stands by itself and stays as it is in the file.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { SigningKey } from '../crypto/identity/signing-key.ts';
import { nodePrimitives as p } from '../crypto/identity/node-primitives.ts';
import { contributorSet } from '../crypto/public/contributor-set.ts';
import { manifestHash } from '../crypto/public/manifest.ts';
import { TestFederation } from './crypto-federation.ts';

const FILE = new URL('../crypto/vectors/messages.json', import.meta.url);
const IDS = ['coordinator', 'org-1', 'org-2', 'org-3'];

const seedOf = (id: string): Buffer => createHash('sha256').update(`cordon vector ${id}`).digest();

/** The long-term key of an id: PKCS#8 of a raw Ed25519 seed (RFC 8410 section 7). */
function keyOf(id: string): SigningKey {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seedOf(id)]);
  return SigningKey.fromPem(
    `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`,
  );
}

const founded = new TestFederation(3, { kMin: 3 }, keyOf);
const federation = founded.next(3, { committee: ['org-3', 'org-1', 'org-2'] });
const { roster, chain } = federation;
const round = federation.round(1, { length: 100 });
const manifests = roster.members.map(({ id }) => round.manifest(id));
const log = [...round.log(round.announce(), ...manifests.map((one) => round.upload(one)), round.close())];
const { setHash } = contributorSet(p, log, round.hash, roster);
const before = JSON.parse(readFileSync(FILE, 'utf8')) as { sealedShare: object };

const vectors = {
  what: 'One round of three members in epoch 1: every signed or hashed structure, its hash, and a sealed share with the recipient\'s secret seeds. Signing seeds are SHA-256 of "cordon vector <id>"; ephemeral keys and encapsulations were random. Made by test/make-message-vectors.ts.',
  signingSeeds: Object.fromEntries(IDS.map((id) => [id, seedOf(id).toString('hex')])),
  epochs: chain.epochs,
  rosterHashes: chain.epochs.map((_, epoch) => chain.hash(epoch)),
  transcript: round.transcript,
  transcriptHash: round.hash,
  manifests: manifests.map((manifest) => ({ manifest, manifestHash: manifestHash(p, manifest) })),
  log,
  setHash,
  answer: round.answer('org-2', setHash),
  sealedShare: before.sealedShare,
};

const text = `${JSON.stringify(vectors, null, 2)}\n`;
if (process.argv.includes('--write')) writeFileSync(FILE, text);
else process.stdout.write(text);
