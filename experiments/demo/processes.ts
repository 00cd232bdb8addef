import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CordonError, type ErrorCode, isErrorCode } from '../../protocol/errors.ts';

/** The command line of this very installation: sources in a checkout, built files in a package. */
export const OWN_CLI = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../cli/cordon.ts' : '../../cli/cordon.js', import.meta.url),
);

/** A child of the demo: its first line of output says that it is ready, everything it logs goes to a file. */
export class Child {
  readonly name: string;
  readonly logPath: string;
  private readonly process: ChildProcess;
  private readonly firstLine: Promise<string | null>;
  /** Resolves when the process has ended, however it ended. */
  readonly ended: Promise<void>;
  private over = false;
  private lastLine = '';

  constructor(name: string, cli: string, args: readonly string[], logPath: string) {
    this.name = name;
    this.logPath = logPath;
    const log = openSync(logPath, 'a', 0o600);
    this.process = spawn(process.execPath, [cli, ...args, '--json', '--until-stdin-ends'], {
      stdio: ['pipe', 'pipe', log],
    });
    closeSync(log);
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.over = true;
        resolve();
      };
      this.process.once('exit', end);
      this.process.once('error', end);
    });
    const { stdout } = this.process;
    this.firstLine = new Promise((resolve) => {
      if (stdout) {
        createInterface({ input: stdout }).on('line', (line) => {
          this.lastLine = line;
          resolve(line);
        });
      }
      void this.ended.then(() => setTimeout(() => resolve(null), 100));
    });
  }

  get pid(): number | null {
    return this.process.pid ?? null;
  }

  get running(): boolean {
    return !this.over;
  }

  /**
   * The JSON object that the process printed when it was ready.
   * @throws CordonError the process's own error, PROCESS_DIED with the end of its log, or TIMEOUT
   */
  async ready(ms: number): Promise<Record<string, unknown>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), ms);
    });
    const line = await Promise.race([this.firstLine, late]);
    clearTimeout(timer);
    if (line === 'late') {
      throw new CordonError('TIMEOUT', {
        expected: `${this.name} to be ready within ${ms / 1000} s`,
        got: 'nothing from it',
        next: `see its log ${this.logPath} (kept with --out)`,
      });
    }
    if (line === null) throw await this.died();
    const value = JSON.parse(line) as Record<string, unknown>;
    if ('error' in value) throw this.ownError(value['error'] as Record<string, unknown>);
    return value;
  }

  /** Ends it at once; for a parent that is itself about to end. */
  kill(): void {
    this.process.kill('SIGKILL');
  }

  /** Asks it to end, and ends it after `ms` if it has not. */
  async stop(ms = 5000): Promise<void> {
    if (this.over) return;
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), ms);
    await this.ended;
    clearTimeout(timer);
  }

  async died(): Promise<CordonError> {
    const last = this.lastLine.startsWith('{"error"')
      ? (JSON.parse(this.lastLine) as Record<string, unknown>)
      : null;
    if (last) return this.ownError(last['error'] as Record<string, unknown>);
    const log = await readFile(this.logPath, 'utf8').catch(() => '');
    const { exitCode, signalCode } = this.process;
    const tail = log.trim().split('\n').slice(-3).join(' | ').slice(-500);
    return new CordonError('PROCESS_DIED', {
      expected: `${this.name} to go on`,
      got: `it ended with ${signalCode ?? `code ${exitCode}`}${tail === '' ? '' : `: ${tail}`}`,
      next: 'run again with --out DIR and read the logs there',
    });
  }

  private ownError(error: Record<string, unknown>): CordonError {
    const text = (name: string) => (typeof error[name] === 'string' ? error[name] : '');
    const code: ErrorCode = isErrorCode(error['code']) ? error['code'] : 'PROCESS_DIED';
    return new CordonError(code, {
      expected: `${text('expected')} (${this.name})`,
      got: text('got'),
      next: text('next'),
    });
  }
}
