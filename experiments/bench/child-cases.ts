import { fork } from 'node:child_process';
import { type ChildCase, type OwnCase, timed } from './measure.ts';
import type { BenchRow } from './result.ts';

/** Cases, and rows that need no timing. */
export interface CasesWithRows {
  readonly cases: readonly OwnCase[];
  readonly rows: readonly BenchRow[];
  /** Checks that wait for the last run. */
  readonly finish?: () => Promise<void>;
}

/** Cases of another process, which ends with this object. */
export interface ServedCases extends Disposable {
  readonly cases: readonly ChildCase[];
  readonly rows: readonly BenchRow[];
  /** After the last run. @throws Error where a check that waited for it fails */
  finish(): Promise<void>;
}

interface Ready {
  readonly cases: readonly { readonly name: string; readonly note: string | null; readonly per: number }[];
  readonly rows: readonly BenchRow[];
}

/** In place of a case's name. */
const FINISH = '';

type Reply = { readonly ms: number } | { readonly error: string };

/**
 * Cases in a process of their own: a library that leaves much garbage, or fills memory, would otherwise be paid for by
 * whatever runs after it. The process serves them with `serveCases` and ends with the returned object.
 * @param path of the module, and the arguments it gets
 */
export async function childCases(
  path: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<ServedCases> {
  const child = fork(path, [...args], { signal, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  // An abort while nothing is awaited from it would else end this process with a stack trace.
  child.on('error', () => undefined);
  const next = <T>() =>
    new Promise<T>((resolve, reject) => {
      const ended = (code: unknown) => reject(new Error(`the process of the cases ended: ${String(code)}`));
      child.once('exit', ended).once('error', reject);
      child.once('message', (message) => {
        child.off('exit', ended).off('error', reject);
        resolve(message as T);
      });
    });
  const { cases, rows } = await next<Ready>();
  const run = async (name: string) => {
    const reply = next<Reply>();
    child.send(name);
    const outcome = await reply;
    if ('error' in outcome) throw new Error(outcome.error);
    return outcome.ms;
  };
  return {
    cases: cases.map(({ name, note, per }) => ({
      name,
      per,
      ...(note === null ? {} : { note }),
      elsewhere: () => run(name),
    })),
    rows,
    finish: async () => void (await run(FINISH)),
    [Symbol.dispose]: () => void child.kill(),
  };
}

/** In the child: tells what there is, then times a case whenever its name comes. */
export function serveCases({ cases, rows, finish }: CasesWithRows): void {
  const send = (message: Ready | Reply) => process.send?.(message);
  const work = async (name: unknown): Promise<number> => {
    if (name === FINISH) {
      await finish?.();
      return 0;
    }
    const one = cases.find((other) => other.name === name);
    if (one === undefined) throw new Error(`no case ${String(name)}`);
    return timed(one);
  };
  process.on('message', (name) => {
    work(name).then(
      (ms) => send({ ms }),
      (error: unknown) => send({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
  send({ cases: cases.map(({ name, note, per }) => ({ name, note: note ?? null, per: per ?? 1 })), rows });
}
