/** Sums with masks and with nothing, in a process of their own: `plain-child.ts LENGTH`, started by the bench. */
import { serveCases } from '../child-cases.ts';
import { floatSum } from './float-sum.ts';
import { maskCase } from './mask-case.ts';
import { seededValues } from './seeded-values.ts';

const length = Number(process.argv[2]);
const vectors = [1, 2].map((member) => seededValues(length, member));
serveCases({ cases: [maskCase(vectors), floatSum(length)], rows: [] });
