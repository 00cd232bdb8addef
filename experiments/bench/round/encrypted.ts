import { setTimeout as sleep } from 'node:timers/promises';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainTask } from '../../../protocol/task.ts';
import { Federation } from '../../demo/federation.ts';
import { type Child, OWN_CLI } from '../../demo/processes.ts';
import { writeConfigurations } from '../../demo/workspace.ts';
import { type FinishedJob, JobRunner } from './job.ts';
import type { BenchSites } from './sites.ts';
import { BENCH_POLICY } from './task.ts';

/** The federation as it is deployed: `cordon coordinator serve` and `cordon participant run`, a process each. */
export class EncryptedFederation {
  private readonly sites: BenchSites;
  private readonly federation: Federation;
  private readonly runner: JobRunner;

  private constructor(sites: BenchSites, federation: Federation, runner: JobRunner) {
    this.sites = sites;
    this.federation = federation;
    this.runner = runner;
  }

  /** Starts all processes and waits until they have read their telemetry and are connected. */
  static async start(sites: BenchSites, adopt: (child: Child) => void): Promise<EncryptedFederation> {
    const { workspace, chain, data, seedOf } = sites;
    const common = { recordVectors: false, policy: BENCH_POLICY };
    const federation = await Federation.start(
      workspace,
      chain,
      OWN_CLI,
      (address) => writeConfigurations(workspace, address, data.sites, seedOf, common),
      adopt,
    );
    await federation.prepared(() => undefined);
    const participants = federation.children.slice(1);
    const runner = await JobRunner.open(workspace, federation.address, chain, participants);
    return new EncryptedFederation(sites, federation, runner);
  }

  carryOut(task: TrainTask): Promise<FinishedJob> {
    return this.runner.carryOut(task);
  }

  /** What the members do after the end (their alerts) is no part of the job and must not run into the next one. */
  async settled({ run }: FinishedJob): Promise<void> {
    for (const { id } of this.sites.chain.last.members)
      await appears(join(this.sites.workspace.state(id), `${run}.json`));
  }

  async stop(): Promise<void> {
    this.runner.close();
    await Promise.all(this.federation.children.map((child) => child.stop()));
  }
}

async function appears(path: string): Promise<void> {
  const there = () =>
    stat(path).then(
      () => true,
      () => false,
    );
  while (!(await there())) await sleep(50);
}
