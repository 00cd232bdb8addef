import { rmSync } from 'node:fs';
import { CordonError } from '../../../protocol/errors.ts';
import type { Child } from '../../demo/processes.ts';
import type { Bench, BenchContext, Measured } from '../bench.ts';
import { CHARTS, TARGETS } from './charts.ts';
import { cpuSeconds } from './cpu.ts';
import { EncryptedFederation } from './encrypted.ts';
import { type Timed, type Way, figuresOf } from './figures.ts';
import type { FinishedJob } from './job.ts';
import { PlainFederation } from './plain/federation.ts';
import { makeSites } from './sites.ts';
import { type JobSize, benchTask, inWords } from './task.ts';

/** One job that is measured both ways. Rows are named `encrypted.X` and `plaintext.X`, with the prefix before. */
export interface RoundCase extends JobSize {
  readonly prefix: string;
  /** Measured runs, unless the caller wants another number. */
  readonly runs: number;
}

/** What `cordon bench round` measures; the tests take less. */
export interface RoundSize {
  readonly members: number;
  readonly cases: readonly RoundCase[];
}

const USUAL: RoundSize = {
  members: 10,
  cases: [
    { prefix: '', rounds: 3, hidden: 26_316, batch: 512, runs: 3 },
    { prefix: 'batch_64.', rounds: 3, hidden: 26_316, batch: 64, runs: 3 },
    { prefix: 'small.', rounds: 200, hidden: 53, batch: 64, runs: 1 },
  ],
};

/** Whole rounds between processes, encrypted and not: the same training, the same sites, the same final model. */
export const round: Bench = {
  name: 'round',
  targets: TARGETS,
  charts: CHARTS,
  run: (context) => runRound(context, USUAL),
};

export async function runRound(context: BenchContext, size: RoundSize): Promise<Measured> {
  const children: Record<Way, Child[]> = { encrypted: [], plaintext: [] };
  context.say('Simulating telemetry');
  const sites = await makeSites(size.members);
  const stopAll = () =>
    Promise.all([...children.encrypted, ...children.plaintext].map((child) => child.stop()));
  const onAbort = () => void stopAll();
  context.signal.addEventListener('abort', onAbort, { once: true });
  // Where this process ends at once (a second interrupt, nobody reads its output), nothing stays behind either.
  const onExit = () => {
    for (const child of [...children.encrypted, ...children.plaintext]) child.kill();
    rmSync(sites.workspace.directory, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  try {
    context.say('Starting processes');
    const encrypted = await EncryptedFederation.start(sites, (child) => children.encrypted.push(child));
    const plaintext = await PlainFederation.start(sites, (child) => children.plaintext.push(child));
    const clock = new JobClock({ encrypted, plaintext }, children, context);
    const [first] = size.cases;
    if (first) {
      context.say(`Warm-up: ${inWords(first, size.members)}`);
      await clock.both(first);
    }
    const measured: Measured[] = [];
    for (const one of size.cases) measured.push(await measureCase(one, clock, size, context));
    return {
      rows: measured.flatMap(({ rows }) => rows),
      ratios: measured.flatMap(({ ratios }) => ratios),
      skipped: measured.flatMap(({ skipped }) => skipped),
    };
  } finally {
    context.signal.removeEventListener('abort', onAbort);
    await stopAll();
    await sites.workspace.remove();
    process.removeListener('exit', onExit);
  }
}

/** A federation that carries out one job after another. */
interface Jobs {
  carryOut(task: ReturnType<typeof benchTask>): Promise<FinishedJob>;
  /** Waits until nobody does anything for the job any more. */
  settled(job: FinishedJob): Promise<void>;
}

/** Runs jobs one way and the other, in turns, each with another first model. */
class JobClock {
  private readonly ways: Record<Way, Jobs>;
  private readonly children: Record<Way, readonly Child[]>;
  private readonly context: BenchContext;
  private seed = 0;

  constructor(ways: JobClock['ways'], children: Record<Way, readonly Child[]>, context: BenchContext) {
    this.ways = ways;
    this.children = children;
    this.context = context;
  }

  /** The same job both ways. @throws CordonError MODEL_MISMATCH unless both end with the same bits */
  async both(size: JobSize): Promise<Record<Way, Timed>> {
    this.seed += 1;
    const order: Way[] = this.seed % 2 === 0 ? ['plaintext', 'encrypted'] : ['encrypted', 'plaintext'];
    const times: Partial<Record<Way, Timed>> = {};
    const models: Partial<Record<Way, string>> = {};
    for (const way of order) {
      this.context.signal.throwIfAborted();
      const before = await this.cpu(way);
      const job = await this.ways[way].carryOut(benchTask(size, this.seed));
      const after = await this.cpu(way);
      await this.ways[way].settled(job);
      const { wallSeconds, modelHash } = job;
      times[way] = { wall: wallSeconds, cpu: before === null || after === null ? null : after - before };
      models[way] = modelHash;
    }
    const { encrypted, plaintext } = times;
    if (encrypted && plaintext && models.encrypted === models.plaintext) return { encrypted, plaintext };
    throw new CordonError('MODEL_MISMATCH', {
      expected: `the model ${models.plaintext} of the plaintext job`,
      got: String(models.encrypted),
      next: 'find out which of the two trains something else; their times are not comparable',
    });
  }

  private cpu(way: Way): Promise<number | null> {
    return cpuSeconds(this.children[way].map(({ pid }) => pid));
  }
}

async function measureCase(
  one: RoundCase,
  clock: JobClock,
  { members }: RoundSize,
  { say, runs: wanted }: BenchContext,
): Promise<Measured> {
  const runs = wanted ?? one.runs;
  const samples: Record<Way, Timed>[] = [];
  for (let run = 1; run <= runs; run++) {
    say(`Run ${run}/${runs}: ${inWords(one, members)}`);
    samples.push(await clock.both(one));
  }
  return figuresOf(one, samples, members);
}
