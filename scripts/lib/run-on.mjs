import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';

/** @type {NodeJS.Signals[]} */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a script on the given Node as if it had been started directly: same terminal, same signals, same exit code.
 * @param {string} node absolute path of the executable
 * @param {string} cwd
 * @param {string[]} args script and its arguments
 * @returns {Promise<number>} exit code
 */
export function runOn(node, cwd, args) {
  // The folder comes first on PATH so that whatever the script starts by name gets the same Node.
  const path = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`;
  const child = spawn(node, args, { cwd, stdio: 'inherit', env: { ...process.env, PATH: path } });

  const interactive = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const handlers = FORWARDED.map((signal) => {
    // A terminal sends Ctrl-C to the whole process group: the child has had it already, a second one would mean "now!".
    const forward = signal === 'SIGINT' && interactive ? () => {} : () => child.kill(signal);
    process.on(signal, forward);
    return /** @type {const} */ ([signal, forward]);
  });

  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const [name, handler] of handlers) process.off(name, handler);
      // Dying of the same signal tells the caller's shell the truth.
      if (signal !== null) process.kill(process.pid, signal);
      resolve(code ?? 1);
    });
  });
}
