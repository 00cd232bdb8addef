import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PEERS, runPeers } from '../../peers/peers.ts';
import type { Bench, BenchContext, Measured } from '../bench.ts';
import { childCases } from '../child-cases.ts';
import { measure } from '../measure.ts';
import type { BenchRatio, BenchRow } from '../result.ts';
import { rowOf, significant } from '../statistics.ts';
import { answeredRound } from './answered-round.ts';
import { auditCase } from './audit-case.ts';
import { CHARTS, TARGETS } from './charts.ts';
import { coordinatorCases } from './coordinator-cases.ts';
import { memberCases } from './member-cases.ts';
import { coordinatorMemory } from './memory.ts';
import { seededValues } from './seeded-values.ts';

/** What is measured; the tests take less. */
export interface SecureSumSize {
  /** The vector has side * side parameters. */
  readonly side: number;
  /** Values in the vectors of the committee's rounds, on whose number its work does not depend. */
  readonly committeeLength: number;
  readonly contributors: readonly number[];
  readonly uploads: readonly number[];
  readonly peers: boolean;
  readonly runs: number;
  readonly warmUp: number;
}

const SEAL = fileURLToPath(new URL('./seal-child.ts', import.meta.url));
const COMMITTEE = fileURLToPath(new URL('./committee-child.ts', import.meta.url));
const PLAIN = fileURLToPath(new URL('./plain-child.ts', import.meta.url));

const MILLION: SecureSumSize = {
  side: 1000,
  committeeLength: 13_000,
  contributors: [3, 10, 50, 1000],
  uploads: [10, 1000],
  peers: true,
  runs: 15,
  // The engine compiles what it runs over the first of them; members answer round after round.
  warmUp: 10,
};

/** A million parameters: what a member, the coordinator and a committee member spend on one secure sum. */
export const secureSum: Bench = {
  name: 'secure-sum',
  targets: TARGETS,
  charts: CHARTS,
  run: (context) => runSecureSum(context, MILLION),
};

export async function runSecureSum(context: BenchContext, size: SecureSumSize): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-bench-'));
  try {
    return await measured(context, size, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measured(context: BenchContext, size: SecureSumSize, folder: string): Promise<Measured> {
  const { say, signal } = context;
  const runs = context.runs ?? size.runs;
  const length = size.side * size.side;
  say('Preparing');
  const vectors = [1, 2, 3].map((member) => seededValues(length, member));
  const member = memberCases(size.side);
  const answered = await answeredRound(10, length, folder);
  const { auditing, rows: auditRows } = auditCase(answered);
  using seal = await childCases(SEAL, [String(length)], signal);
  using plain = await childCases(PLAIN, [String(length)], signal);
  using seats = new DisposableStack();
  const committee = [];
  for (const contributors of size.contributors) {
    const args = [folder, String(size.committeeLength), String(contributors)];
    committee.push(seats.use(await childCases(COMMITTEE, args, signal)));
  }
  const cases = [
    ...member.cases,
    ...coordinatorCases(answered),
    auditing,
    ...committee.flatMap((one) => one.cases.filter(({ name }) => name.includes('answer'))),
    ...committee.flatMap((one) => one.cases.filter(({ name }) => !name.includes('answer'))),
    ...seal.cases,
    ...plain.cases,
  ];
  const samples = await measure(cases, { runs, warmUp: size.warmUp, say, signal });
  for (const one of committee) await one.finish();
  const timed = cases.map(({ name, note }) => rowOf(name, 'ms', samples.get(name) ?? [], note));
  const memory = await coordinatorMemory(answered, size.uploads, Math.min(runs, 3), folder, context);
  const peers = await runPeers(size.peers ? PEERS : [], vectors, folder, context);
  const rows = inOrder([...timed, ...member.rows, ...auditRows, ...memory, ...seal.rows, ...peers.rows]);
  return { rows, ratios: ratiosOf(rows), skipped: peers.skipped };
}

/** Ours first, then each system's rows together, each group in the order in which it was made. */
function inOrder(rows: readonly BenchRow[]): BenchRow[] {
  const groups = Map.groupBy(rows, ({ name }) => name.split('.')[0]);
  return [...groups.values()].flat();
}

/** `a / b` of medians, for those pairs of which both were measured. */
const RATIOS: readonly [over: string, under: string][] = [
  ['seal.bfv_encrypt_ms', 'member.encrypt_ms'],
  ['seal.ckks_encrypt_ms', 'member.encrypt_ms'],
  ['tenseal.ckks_encrypt_ms', 'member.encrypt_ms'],
  ['openfhe.bfv_encrypt_ms', 'member.encrypt_ms'],
  ['lattigo.bgv_encrypt_ms', 'member.encrypt_ms'],
  ['member.encrypt_ms', 'secaggplus.mask_ms_per_neighbour'],
  ['member.encrypt_ms', 'flower.mask_ms_per_neighbour'],
  ['seal.bfv_mb', 'member.upload_mb'],
  ['seal.bfv_zstd_mb', 'member.upload_mb'],
  ['seal.ckks_mb', 'member.upload_mb'],
  ['seal.bfv_add_ms', 'coordinator.add_ms'],
  ['seal.bfv_open_ms', 'coordinator.open_ms'],
  ['coordinator.add_ms', 'float.sum_ms'],
  ['coordinator.peak_mb.1000', 'coordinator.peak_mb.10'],
];

function ratiosOf(rows: readonly BenchRow[]): BenchRatio[] {
  const median = new Map(rows.map((row) => [row.name, row.median]));
  return RATIOS.flatMap(([over, under]) => {
    const [a, b] = [median.get(over), median.get(under)];
    return a === undefined || b === undefined || b === 0
      ? []
      : [{ name: `${over} / ${under}`, value: significant(a / b) }];
  });
}
