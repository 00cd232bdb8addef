import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from '../../crypto/identity/process-lock.ts';
import { CordonError } from '../../protocol/errors.ts';
import { commit } from '../bench/provenance.ts';
import type { Child } from '../demo/processes.ts';
import { type Cell, readCell, writeCell } from './cell.ts';
import type { Experiment, Method, Variant } from './experiment.ts';
import { hashOf, methodHash } from './hash.ts';
import { measure } from './measure.ts';
import { openOutput, wholeSeeds, writeResults, writeSettings } from './output.ts';
import type { Metrics } from './metrics.ts';
import { type PreparedSites, prepareSites } from './sites.ts';
import { TimeLeft } from './time-left.ts';
import { trainEncrypted } from './train-encrypted.ts';
import { trainPlain } from './train-method.ts';
import { type World, makeWorld } from './world.ts';

export interface RunOptions {
  readonly experiment: Experiment;
  /** The file as it was given. */
  readonly text: string;
  /** In place of the experiment's own, or null. */
  readonly seeds: readonly number[] | null;
  readonly out: string;
  /** Goes on in a folder where some results are there already. */
  readonly resume: boolean;
  /** Of the package. */
  readonly version: string;
}

export interface RunHooks {
  readonly say: (text: string) => void;
  /** Ends everything soon; what is whole stays and `resume` goes on from there. */
  readonly signal: AbortSignal;
}

/**
 * Every method with every seed, each result on disk at once, and then the tables over all of them.
 * @throws CordonError OUTPUT_EXISTS, STATE_IN_USE, and what data, training and processes fail with; MODEL_MISMATCH where
 *   encryption changes the model
 */
export async function runExperiment(options: RunOptions, hooks: RunHooks): Promise<Metrics> {
  const { experiment, out } = options;
  await openOutput(out, options.resume);
  const lock = await lockFolder(out);
  const temporary = await mkdtemp(join(tmpdir(), 'cordon-experiment-'));
  const children: Child[] = [];
  const onAbort = () => void Promise.all(children.map((child) => child.stop()));
  hooks.signal.addEventListener('abort', onAbort, { once: true });
  // A second interrupt ends this process at once; even then nothing may stay behind.
  const onExit = () => {
    for (const child of children) child.kill();
    rmSync(temporary, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  try {
    const run = new Run(options, hooks, temporary, children);
    await writeSettings(out, { ...options, seeds: run.seeds });
    await run.all();
    const seeds = await wholeSeeds(out, experiment, run.seeds);
    return await writeResults(out, experiment, seeds);
  } finally {
    hooks.signal.removeEventListener('abort', onAbort);
    await Promise.all(children.map((child) => child.stop()));
    await rm(temporary, { recursive: true, force: true });
    process.removeListener('exit', onExit);
    await lock.release();
  }
}

/** One run of an experiment: what is to do, and how far it is. */
class Run {
  readonly seeds: readonly number[];
  private readonly options: RunOptions;
  private readonly hooks: RunHooks;
  private readonly temporary: string;
  private readonly children: Child[];
  private readonly commit: string;
  private timeLeft = new TimeLeft([], () => 0);
  private stage = '';

  constructor(options: RunOptions, hooks: RunHooks, temporary: string, children: Child[]) {
    this.seeds = options.seeds ?? options.experiment.seeds;
    this.options = options;
    this.hooks = hooks;
    this.temporary = temporary;
    this.children = children;
    this.commit = commit(options.version);
  }

  async all(): Promise<void> {
    const todo = new Map<number, Method[]>();
    for (const seed of this.seeds) {
      const missing: Method[] = [];
      for (const method of this.options.experiment.methods) {
        if (!(await this.isThere(seed, method))) missing.push(method);
      }
      if (missing.length > 0) todo.set(seed, missing);
    }
    const kinds = [...todo.values()].flatMap((methods) => [
      'world',
      ...byVariant(methods).flatMap(([variant, those]) => [
        keyOf(variant),
        ...those.map(({ name }) => `train ${name}`),
      ]),
    ]);
    this.timeLeft = new TimeLeft(kinds, () => performance.now());
    for (const [seed, methods] of todo) await this.oneSeed(seed, methods);
  }

  /** @throws CordonError OUTPUT_EXISTS for a result of something else */
  private async isThere(seed: number, method: Method): Promise<boolean> {
    const { out, experiment } = this.options;
    const cell = await readCell(out, seed, method.name);
    if (cell === null) return false;
    if (cell.hash === methodHash(experiment.data, method)) return true;
    throw new CordonError('OUTPUT_EXISTS', {
      expected: `results of ${method.name} as the experiment file describes it`,
      got: `one of other data, settings or software for seed ${seed} in ${out}`,
      next: 'name another folder with --out, or remove that result',
    });
  }

  private async oneSeed(seed: number, methods: readonly Method[]): Promise<void> {
    const { data } = this.options.experiment;
    const { signal } = this.hooks;
    this.stage = `Seed ${seed}`;
    const folder = join(this.temporary, String(seed));
    const world = await this.timeLeft.step('world', () =>
      makeWorld(data, seed, folder, {
        signal,
        onProgress: ({ organisation, day, days }) =>
          this.say(`simulating ${organisation}, day ${day}/${days}`),
      }),
    );
    for (const [variant, those] of byVariant(methods)) {
      this.stage = `Seed ${seed}`;
      const say = (text: string) => this.say(text);
      const sites = await this.timeLeft.step(keyOf(variant), () =>
        prepareSites(world, variant, data.days, seed, { say, signal }),
      );
      for (const method of those) {
        signal.throwIfAborted();
        this.stage = `Seed ${seed}, ${method.name}`;
        this.say('training');
        await this.timeLeft.step(`train ${method.name}`, () => this.oneMethod(method, seed, world, sites));
      }
    }
    await rm(folder, { recursive: true, force: true });
  }

  private async oneMethod(method: Method, seed: number, world: World, sites: PreparedSites): Promise<void> {
    const started = performance.now();
    const trained = await trainPlain(method, sites, seed, this.hooks.signal);
    const encrypted = method.encryption
      ? await this.checkedByDeployment(method, seed, world, sites, trained.modelHash)
      : null;
    const cell: Cell = {
      version: 1,
      hash: methodHash(this.options.experiment.data, method),
      commit: this.commit,
      seed,
      method: method.name,
      figures: measure(method, sites, encrypted ?? trained, world),
      modelHash: trained.modelHash,
      losses: [...trained.losses],
      encrypted: encrypted?.cost ?? null,
      ms: Math.round(performance.now() - started),
    };
    await writeCell(this.options.out, cell);
  }

  /** The weights of the deployment, which must be those of the plaintext federation. @throws CordonError MODEL_MISMATCH */
  private async checkedByDeployment(
    method: Method,
    seed: number,
    world: World,
    sites: PreparedSites,
    plainHash: string | null,
  ) {
    const folder = join(this.temporary, `${seed}-${method.name}`);
    const { weights, modelHash, reports } = await trainEncrypted(method, world, sites, seed, folder, {
      say: (text) => this.say(text),
      onState: ({ phase, step, steps }) => {
        if (phase !== 'idle' && !this.hooks.signal.aborted) this.say(`encrypted round ${step}/${steps}`);
      },
      adopt: (child) => this.children.push(child),
    });
    await rm(folder, { recursive: true, force: true });
    if (modelHash !== plainHash) {
      throw new CordonError('MODEL_MISMATCH', {
        expected: `the encrypted run of ${method.name} with seed ${seed} to end with model ${plainHash ?? ''}, as without encryption`,
        got: modelHash,
        next: 'report this with the experiment file: no figure of this run may be quoted',
      });
    }
    const mean = (of: (report: (typeof reports)[number]) => number) =>
      reports.reduce((sum, report) => sum + of(report), 0) / reports.length;
    const cost = {
      sameBits: true as const,
      rounds: reports.length,
      bytesUp: mean(({ bytesUp }) => bytesUp),
      bytesDown: mean(({ bytesDown }) => bytesDown),
      msRound: mean(({ ms }) => ms.total),
    };
    return { weightsOf: () => weights, cost };
  }

  private say(text: string): void {
    this.hooks.signal.throwIfAborted();
    this.hooks.say(`${this.stage}: ${text}${this.timeLeft.text}`);
  }
}

/** Methods that train on the same rows stand together, so that the rows are made once a seed. */
function byVariant(methods: readonly Method[]): [Variant, Method[]][] {
  const groups = new Map<string, [Variant, Method[]]>();
  for (const method of methods) {
    const key = keyOf(method);
    const group = groups.get(key) ?? [method, []];
    group[1].push(method);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function keyOf({ labels, counting }: Variant): string {
  return hashOf({ labels, counting });
}
