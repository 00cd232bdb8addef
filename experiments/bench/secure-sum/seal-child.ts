/** SEAL in a process of its own: `seal-child.ts LENGTH`, started by the bench. */
import initialize from 'node-seal';
import { serveCases } from '../child-cases.ts';
import { sealCases } from './seal-cases.ts';
import { seededValues } from './seeded-values.ts';

const length = Number(process.argv[2]);
serveCases(
  sealCases(
    await initialize(),
    [1, 2, 3].map((member) => seededValues(length, member)),
  ),
);
