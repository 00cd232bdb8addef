#!/usr/bin/env node
// Known answers of the messages: one round of four members in epoch 1, every signed or hashed structure of it.
//
//   node test/make-message-vectors.ts           print them
//   node test/make-message-vectors.ts --write   write crypto/vectors/messages.json (a change means the format changed)
//
// Signing seeds are SHA-256 of "cordon vector <id>", masters of the ephemeral keys SHA-256 of "cordon vector pairs <id>".
// What a contributor does is random, as it has to be: the file holds what came of it.
import { writeFileSync } from 'node:fs';
import { SigningKey } from '../crypto/identity/signing-key.ts';
import { nodePrimitives as p } from '../crypto/identity/node-primitives.ts';
import { utf8 } from '../crypto/public/canonical.ts';
import { toBase64Url, toHex } from '../crypto/public/encoding.ts';
import { manifestHash } from '../crypto/public/manifest.ts';
import { contributorSet } from '../crypto/public/round-record.ts';
import { answerRound } from '../crypto/secret/committee-answer.ts';
import { TestedShares } from '../crypto/secret/tested-shares.ts';
import { contribute, sealedFor } from './crypto-contribution.ts';
import { TestFederation } from './crypto-federation.ts';

const FILE = new URL('../crypto/vectors/messages.json', import.meta.url);
const MEMBERS = ['org-1', 'org-2', 'org-3', 'org-4'];
const IDS = ['coordinator', ...MEMBERS];

const seedOf = (id: string): Uint8Array => p.sha256(utf8(`cordon vector ${id}`));
const masterOf = (id: string): Uint8Array => p.sha256(utf8(`cordon vector pairs ${id}`));

/** The long-term key of an id: PKCS#8 of a raw Ed25519 seed (RFC 8410 section 7). */
function keyOf(id: string): SigningKey {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seedOf(id)]);
  return SigningKey.fromPem(
    `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`,
  );
}

const founded = new TestFederation(4, { kMin: 3 }, keyOf, (id) => () => masterOf(id));
const federation = founded.next(4, { committee: ['org-3', 'org-1', 'org-2', 'org-4'] });
const { roster, chain } = federation;
const round = federation.round(1, { length: 100 });
// org-4 seals to org-3 what does not fit the others, and org-3 proves it.
const contributions = MEMBERS.map((member) =>
  contribute(round, member, undefined, (recipient, plaintext, seal) => {
    const share = plaintext.slice();
    if (member === 'org-4' && recipient === 'org-3') share[1] = (share[1] ?? 0) ^ 1;
    return seal(share);
  }),
);
const manifests = contributions.map(({ manifest }) => manifest);
const uploads = manifests.map((manifest) => round.upload(manifest));
const before = round.log(round.announce(), ...uploads, round.close(), round.checked(manifests));
const closed = contributorSet(p, before, round.hash, roster);
const key = round.ephemeral('org-3');
const { sign } = federation.key('org-3');
const tested = TestedShares.test(
  { primitives: p, roster, sign },
  { closed, key, sealed: sealedFor(contributions, 'org-3') },
);
const [complaint] = tested.complaints;
const sealed = contributions[1]?.sealed.get('org-3');
if (complaint === undefined || sealed === undefined) throw new Error('nothing to complain of');
const revealed = key.reveal(round.hash, 1);
const log = round.log(
  round.announce(),
  ...uploads,
  round.close(),
  round.complaint(complaint),
  round.checked(manifests.slice(0, 3)),
);
const set = contributorSet(p, log, round.hash, roster);
const answer = await answerRound(
  {
    primitives: p,
    sign,
    journal: { lookup: () => Promise.resolve(null), record: (_round, made) => Promise.resolve(made) },
  },
  { set, tested },
);

const vectors = {
  what: 'One round of four members in epoch 1: every signed or hashed structure and its hash, a complaint that removes org-4, and the share that org-2 sealed to org-3 with the secret of its pair. Made by test/make-message-vectors.ts, which says from which seeds.',
  signingSeeds: Object.fromEntries(IDS.map((id) => [id, toHex(seedOf(id))])),
  pairMasters: Object.fromEntries(MEMBERS.map((id) => [id, toHex(masterOf(id))])),
  epochs: chain.epochs,
  rosterHashes: chain.epochs.map((_, epoch) => chain.hash(epoch)),
  transcript: round.transcript,
  transcriptHash: round.hash,
  manifests: manifests.map((manifest) => ({ manifest, manifestHash: manifestHash(p, manifest) })),
  complaint,
  log,
  setHash: set.setHash,
  answer,
  sealedShare: {
    recipient: 'org-3',
    contributor: 'org-2',
    pairSecret: revealed.pairSecret,
    proof: revealed.proof,
    sealed: toBase64Url(sealed),
  },
};

const text = `${JSON.stringify(vectors, null, 2)}\n`;
if (process.argv.includes('--write')) writeFileSync(FILE, text);
else process.stdout.write(text);
