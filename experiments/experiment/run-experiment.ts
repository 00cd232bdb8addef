import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from '../../crypto/identity/process-lock.ts';
import { CordonError } from '../../protocol/errors.ts';
import { commit } from '../bench/provenance.ts';
import { readResult, writeResult } from './method-result.ts';
import {
  type Experiment,
  type RunMethod,
  type Variant,
  daysOf,
  runMethods,
  variantOf,
} from './experiment.ts';
import { hashOf, methodHash } from './hash.ts';
import { framed } from './measure.ts';
import { openOutput, wholeSeeds, writeResults, writeSettings } from './output.ts';
import type { Metrics } from './metrics.ts';
import { type MethodPlace, runMethod } from './run-method.ts';
import type { Stoppable } from './program/run-program.ts';
import { readRecordings } from './recordings/read-recordings.ts';
import { type RecordedSight, middleMember, recordedRows } from './recordings/recorded-rows.ts';
import { type Counted, prepareSites } from './sites.ts';
import { tracksOf } from './tracks.ts';
import { TimeLeft } from './time-left.ts';
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
  const children: Stoppable[] = [];
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
  private readonly children: Stoppable[];
  private readonly commit: string;
  private timeLeft = new TimeLeft([], () => 0);
  private stage = '';

  constructor(options: RunOptions, hooks: RunHooks, temporary: string, children: Stoppable[]) {
    this.seeds = options.seeds ?? options.experiment.seeds;
    this.options = options;
    this.hooks = hooks;
    this.temporary = temporary;
    this.children = children;
    this.commit = commit(options.version);
  }

  async all(): Promise<void> {
    const todo = new Map<number, RunMethod[]>();
    for (const seed of this.seeds) {
      const missing: RunMethod[] = [];
      for (const method of runMethods(this.options.experiment)) {
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
  private async isThere(seed: number, method: RunMethod): Promise<boolean> {
    const { out, experiment } = this.options;
    const result = await readResult(out, seed, method.name);
    if (result === null) return false;
    if (result.hash === methodHash(experiment, method)) return true;
    throw new CordonError('OUTPUT_EXISTS', {
      expected: `results of ${method.name} as the experiment file describes it`,
      got: `one of other data, settings or software for seed ${seed} in ${out}`,
      next: 'name another folder with --out, or remove that result',
    });
  }

  private async oneSeed(seed: number, methods: readonly RunMethod[]): Promise<void> {
    const { experiment } = this.options;
    const { data } = experiment;
    const { signal } = this.hooks;
    this.stage = `Seed ${seed}`;
    const folder = join(this.temporary, String(seed));
    const world = await this.timeLeft.step('world', () =>
      makeWorld(data, seed, folder, { say: (text) => this.say(text), signal }),
    );
    checkEncrypted(methods, world.members);
    const tracks = tracksOf(experiment.tracks, world, seed);
    const recorded = await this.recordedIn(world);
    // Counts are made beside the first reading, and only where a method asks for them.
    const counted: Counted | undefined = methods.some(({ counting }) => counting !== null)
      ? new Map()
      : undefined;
    for (const [variant, those] of byVariant(methods)) {
      this.stage = `Seed ${seed}`;
      const say = (text: string) => this.say(text);
      const sites = await this.timeLeft.step(keyOf(variant), () =>
        prepareSites(world, variant, daysOf(data), seed, {
          tracks,
          windows: windowsOf(those),
          ...(counted && { counted }),
          say,
          signal,
        }),
      );
      const joined = framed(sites, world);
      for (const method of those) {
        signal.throwIfAborted();
        this.stage = `Seed ${seed}, ${method.name}`;
        this.say('training');
        await this.timeLeft.step(`train ${method.name}`, () =>
          this.oneMethod(method, {
            experiment,
            seed,
            world,
            tracks,
            sites,
            framed: joined,
            recorded,
            out: this.options.out,
            temporary: this.temporary,
            commit: this.commit,
          }),
        );
      }
    }
    await rm(folder, { recursive: true, force: true });
  }

  /** Real recordings as the middle member of a world would see them. */
  private async recordedIn(world: World): Promise<RecordedSight | null> {
    const { recordings } = this.options.experiment;
    if (recordings === null) return null;
    this.say('reading recordings');
    const { mordor, evtx } = recordings;
    const folders = {
      ...(mordor && { mordor: mordor.path }),
      ...(evtx && { evtx: evtx.path }),
    };
    const member = middleMember(world);
    return recordedRows(member, world.filesOf(member, 'none'), readRecordings(folders));
  }

  private async oneMethod(method: RunMethod, place: MethodPlace): Promise<void> {
    const result = await runMethod(method, place, {
      say: (text) => this.say(text),
      signal: this.hooks.signal,
      adopt: (child) => this.children.push(child),
    });
    await writeResult(this.options.out, result);
  }

  private say(text: string): void {
    this.hooks.signal.throwIfAborted();
    this.hooks.say(`${this.stage}: ${text}${this.timeLeft.text}`);
  }
}

/** Methods that train on the same rows stand together, so that the rows are made once a seed. */
function byVariant(methods: readonly RunMethod[]): [Variant, RunMethod[]][] {
  const groups = new Map<string, [Variant, RunMethod[]]>();
  for (const method of methods) {
    const key = keyOf(method);
    const group = groups.get(key) ?? [method, []];
    group[1].push(method);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function keyOf(variant: Variant): string {
  return hashOf(variantOf(variant));
}

/** How many members recordings have is known only when they have been read. */
function checkEncrypted(methods: readonly RunMethod[], members: readonly string[]): void {
  const encrypted = methods.find((method) => method.kind === 'trained' && method.encryption);
  if (encrypted === undefined || members.length >= 3) return;
  throw new CordonError('CONFIG_INVALID', {
    expected: `data of at least 3 members, because ${encrypted.name} is encrypted`,
    got: `${members.length} with events to train on`,
    next: 'divide the data into more members, or set encryption: false',
  });
}

/** Seconds of the windows of graphs that methods want. */
function windowsOf(methods: readonly RunMethod[]): number[] {
  return [
    ...new Set(methods.flatMap((method) => (method.kind === 'graph' ? [method.graph.windowSeconds] : []))),
  ];
}
