/**
 * A committee member that is killed while it answers: `node crash-while-answering.ts DIR before|after`, before or after
 * its answer is journalled. It leaves in DIR what the coordinator and the member's disk would still have.
 */
import { durableFiles } from '../crypto/identity/durable-file.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import { AnswerJournal } from '../crypto/secret/answer-journal.ts';
import { answerRound } from '../crypto/secret/committee-answer.ts';
import { contribute, sealedFor } from './crypto-contribution.ts';
import { TestFederation } from './crypto-federation.ts';

const [, , dir = '', when = ''] = process.argv;
const federation = new TestFederation(4);
const round = federation.round(1, { length: 100 });
const contributions = federation.roster.committee.map((member) => contribute(round, member));
const uploads = contributions.map(({ manifest }) => round.upload(manifest));
const entries = round.log(round.announce(), ...uploads, round.close());
const otherEntries = round.log(round.announce(), ...uploads.slice(0, 3), round.close());
const sealed = sealedFor(contributions, 'org-1');

await writeFile(
  join(dir, 'left.json'),
  JSON.stringify({
    roster: federation.roster,
    transcriptHash: round.hash,
    entries,
    otherEntries,
    sealed: [...sealed].map(([member, bytes]) => [member, Buffer.from(bytes).toString('base64')]),
  }),
);

const journal = new AnswerJournal(join(dir, 'answers'), durableFiles);
await answerRound(
  {
    primitives: nodePrimitives,
    sign: federation.key('org-1').sign,
    journal: {
      lookup: (key) => journal.lookup(key),
      record: async (key, answer) => {
        if (when === 'after') await journal.record(key, answer);
        process.kill(process.pid, 'SIGKILL');
        return answer;
      },
    },
  },
  {
    roster: federation.roster,
    transcriptHash: round.hash,
    entries,
    key: round.ephemeral('org-1'),
    ownManifestHash: null,
    fetchSealed: () => Promise.resolve(sealed),
  },
);
