/**
 * A committee member that is killed while it answers: `node crash-while-answering.ts DIR before|after`, before or after
 * its answer is journalled. It leaves in DIR what the coordinator and the member's disk would still have.
 */
import { durableFiles } from '../crypto/identity/durable-file.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodePrimitives } from '../crypto/identity/node-primitives.ts';
import { AnswerJournal } from '../crypto/secret/answer-journal.ts';
import { contributorSet } from '../crypto/public/round-record.ts';
import { TestedShares } from '../crypto/secret/tested-shares.ts';
import { answerRound } from '../crypto/secret/committee-answer.ts';
import { contribute, sealedFor } from './crypto-contribution.ts';
import { TestFederation } from './crypto-federation.ts';

const [, , dir = '', when = ''] = process.argv;
const federation = new TestFederation(4);
const round = federation.round(1, { length: 100 });
const contributions = federation.roster.committee.map((member) => contribute(round, member));
const uploads = contributions.map(({ manifest }) => round.upload(manifest));
const manifests = contributions.map(({ manifest }) => manifest);
const logOf = (count: number) =>
  round.log(
    round.announce(),
    ...uploads.slice(0, count),
    round.close(),
    round.checked(manifests.slice(0, count)),
  );
const [entries, otherEntries] = [logOf(4), logOf(3)];
const sealed = sealedFor(contributions, 'org-1');

await writeFile(
  join(dir, 'left.json'),
  JSON.stringify({
    roster: federation.roster,
    transcriptHash: round.hash,
    entries,
    otherEntries,
  }),
);

const { roster } = federation;
const set = contributorSet(nodePrimitives, entries, round.hash, roster);
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
    set,
    tested: TestedShares.test(
      { primitives: nodePrimitives, roster, sign: federation.key('org-1').sign },
      { closed: set, key: round.ephemeral('org-1'), sealed },
    ),
  },
);
