/**
 * A committee member of rounds of N contributors, in a process of its own: beside the thousand sealed shares of a large
 * round, a small one would be charged for their garbage collection. `committee-child.ts FOLDER LENGTH N`, started by the
 * bench.
 */
import { steadyHeap } from '../../../crypto/identity/steady-heap.ts';
import { serveCases } from '../child-cases.ts';
import { CommitteeRounds } from './committee-cases.ts';

// As every participant has it.
steadyHeap();
const [folder = '', length, contributors] = process.argv.slice(2);
const rounds = new CommitteeRounds(Number(contributors), Number(length), folder);
serveCases({
  cases: [rounds.answering(), rounds.advertising()],
  rows: [],
  finish: () => rounds.finish(),
});
