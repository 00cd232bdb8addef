import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CordonError } from '../../../protocol/errors.ts';
import { Tail } from './tail.ts';

/** What can be ended from outside. */
export interface Stoppable {
  /** Ends it soon. */
  readonly stop: () => Promise<void>;
  /** Ends it at once, for a parent that is itself about to end. */
  readonly kill: () => void;
}

export interface ProgramCall {
  /** The method, for errors. */
  readonly name: string;
  readonly command: readonly string[];
  /** Working directory. */
  readonly folder: string;
  /** Last argument: the folder with the rows. */
  readonly rows: string;
  readonly seconds: number;
}

export interface ProgramHooks {
  /** Told the newest line that the program has written to its standard output, and how long it has run. */
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
  readonly adopt: (process: Stoppable) => void;
}

/** Between being asked to end and being ended. */
const GRACE_MS = 2000;

/**
 * Runs a program of somebody's own, without a shell, and waits for its end. It is not confined: it may do all that whoever
 * started this process may do.
 * @throws CordonError PROGRAM_FAILED with its last lines, TIMEOUT; what the signal was aborted with
 */
export async function runProgram(call: ProgramCall, { say, signal, adopt }: ProgramHooks): Promise<void> {
  const { name, command, folder, seconds } = call;
  signal.throwIfAborted();
  const running = new Running(call);
  adopt(running);
  const started = performance.now();
  const onAbort = () => void running.stop();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const limit = setTimeout(() => {
    running.late = true;
    onAbort();
  }, 1000 * seconds);
  const tell = setInterval(() => {
    if (signal.aborted) return;
    const line = running.output.lastLine;
    say(`${line === '' ? '' : `${line}, `}${Math.round((performance.now() - started) / 1000)} s`);
  }, 1000);
  try {
    await running.ended;
  } finally {
    clearTimeout(limit);
    clearInterval(tell);
    signal.removeEventListener('abort', onAbort);
  }
  signal.throwIfAborted();
  const { fault, late, code, errors, output } = running;
  if (fault !== null) {
    throw failed(
      `${command[0]} to start for ${name} in ${folder}`,
      fault,
      'install it, or write its path into program.command',
    );
  }
  const last = errors.text || output.text || 'nothing printed';
  if (late) {
    throw new CordonError('TIMEOUT', {
      expected: `the program of ${name} to end within ${seconds} s`,
      got: `it still ran; its last lines: ${last}`,
      next: 'make it quicker, or give it more time with program.seconds',
    });
  }
  if (code === 0) return;
  throw failed(
    `the program of ${name} to end with code 0`,
    `${typeof code === 'number' ? `code ${code}` : code}: ${last}`,
    `correct it; to run it by hand, in ${folder}: ${[...command, call.rows].join(' ')}`,
  );
}

function failed(expected: string, got: string, next: string): CordonError {
  return new CordonError('PROGRAM_FAILED', { expected, got, next });
}

class Running implements Stoppable {
  readonly output = new Tail();
  readonly errors = new Tail();
  readonly ended: Promise<void>;
  /** Why it did not start. */
  fault: string | null = null;
  /** Exit code, or the signal that ended it. */
  code: number | string = 0;
  late = false;
  private readonly child: ChildProcess;
  private over = false;

  constructor({ command, folder, rows }: ProgramCall) {
    const [program = '', ...words] = command;
    // A name alone is looked for as the system does; a path begins at the folder of the experiment file.
    const file = /[\\/]/.test(program) ? resolve(folder, program) : program;
    this.child = spawn(file, [...words, rows], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that what it starts ends with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.child.stdout?.on('data', (chunk: Buffer) => this.output.add(chunk));
    this.child.stderr?.on('data', (chunk: Buffer) => this.errors.add(chunk));
    this.ended = this.end();
  }

  async stop(): Promise<void> {
    if (this.over) return;
    this.send('SIGTERM');
    const timer = setTimeout(() => this.kill(), GRACE_MS);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    if (!this.over) this.send('SIGKILL');
  }

  private async end(): Promise<void> {
    const closed = new Promise((done) => this.child.once('close', done));
    await new Promise<void>((done) => {
      this.child.once('exit', (code, signal) => {
        this.code = code ?? signal ?? 'unknown';
        done();
      });
      this.child.once('error', (error) => {
        this.fault = error.message;
        done();
      });
    });
    this.send('SIGKILL');
    // A process that left the group could hold the pipes for ever.
    await Promise.race([closed, sleep(this.fault === null ? GRACE_MS : 0, undefined, { ref: false })]);
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
    this.over = true;
  }

  /** To the whole group, where there are groups. */
  private send(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') this.child.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // Nobody of it is left.
    }
  }
}
