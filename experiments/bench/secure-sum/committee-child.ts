/** Committee members in a process of their own: `committee-child.ts FOLDER LENGTH N,N,...`, started by the bench. */
import { steadyHeap } from '../../../crypto/identity/steady-heap.ts';
import { serveCases } from '../child-cases.ts';
import { CommitteeRounds } from './committee-cases.ts';

// As every participant has it.
steadyHeap();
const [folder = '', length, contributors = ''] = process.argv.slice(2);
const rounds = contributors.split(',').map((n) => new CommitteeRounds(Number(n), Number(length), folder));
serveCases({
  cases: [...rounds.map((one) => one.answering()), ...rounds.map((one) => one.advertising())],
  rows: [],
  finish: async () => {
    for (const one of rounds) await one.finish();
  },
});
