import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { TrainTask } from '../../../../protocol/task.ts';
import { Child } from '../../../demo/processes.ts';
import { type FinishedJob, JobRunner } from '../job.ts';
import type { BenchSites } from '../sites.ts';

const program = (name: string) => {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./${name}.${ending}`, import.meta.url));
};

/** The same number of processes over the same telemetry, without any protection. */
export class PlainFederation {
  private readonly children: readonly Child[];
  private readonly runner: JobRunner;

  private constructor(children: readonly Child[], runner: JobRunner) {
    this.children = children;
    this.runner = runner;
  }

  /** Needs the participants' configurations, which the encrypted federation writes. */
  static async start(sites: BenchSites, adopt: (child: Child) => void): Promise<PlainFederation> {
    const { workspace, chain } = sites;
    const folder = workspace.path('plain');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const start = (name: string, cli: string, ...args: string[]) => {
      const child = new Child(name, cli, args, workspace.path(`plain-${name}.log`));
      adopt(child);
      return child;
    };
    const config = workspace.path('coordinator', 'coordinator.yaml');
    const coordinator = start('coordinator', program('coordinator'), config, folder);
    const address = String((await coordinator.ready(READY_MS))['address']);
    const participants = chain.last.members.map(({ id }) => {
      const own = workspace.path('plain', id);
      return start(id, program('member'), workspace.member(id, 'participant.yaml'), address, own);
    });
    await Promise.all(participants.map((child) => child.ready(READY_MS)));
    const runner = await JobRunner.open(workspace, address, chain, participants);
    return new PlainFederation([coordinator, ...participants], runner);
  }

  carryOut(task: TrainTask): Promise<FinishedJob> {
    return this.runner.carryOut(task);
  }

  /** Nobody does anything after the end. */
  settled(): Promise<void> {
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.runner.close();
    await Promise.all(this.children.map((child) => child.stop()));
  }
}

const READY_MS = 300_000;
