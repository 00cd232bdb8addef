import { createHash } from 'node:crypto';
import type { EpochChain } from '../../../crypto/public/epoch-chain.ts';
import { type DemoData, simulatedData } from '../../demo/data.ts';
import { Workspace, foundConsortium } from '../../demo/workspace.ts';

/** A consortium with simulated telemetry on disk, the same for every way of training over it. */
export interface BenchSites {
  readonly workspace: Workspace;
  readonly data: DemoData;
  readonly chain: EpochChain;
  /** Every site has a seed of its own, all from one. */
  readonly seedOf: (member: string) => number;
}

/** Small, because telemetry is read before the clock starts; only the rows that batches are drawn from matter here. */
const WORLD = { hosts: 25, accounts: 30, days: 3, trainDays: 2 } as const;
const SEED = 7;

/** Simulates the telemetry of so many organisations in a temporary folder and makes their keys. */
export async function makeSites(members: number): Promise<BenchSites> {
  const workspace = await Workspace.create(null);
  const data = await simulatedData(workspace, members, WORLD, SEED, () => undefined);
  const chain = await foundConsortium(workspace, [...data.sites.keys()]);
  const seedOf = (member: string) =>
    createHash('sha256').update(`${SEED}/${member}`).digest().readUInt32BE(0);
  return { workspace, data, chain, seedOf };
}
