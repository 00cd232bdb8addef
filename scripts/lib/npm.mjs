import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';

/**
 * Runs npm in the checkout and keeps the last of what it says.
 * @param {string} root
 * @param {string[]} flags
 * @param {(pid: number) => void} onStart
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runNpm(root, flags, onStart) {
  const { command, args, env } = npmCommand(root);
  return new Promise((resolve) => {
    const shell = command.endsWith('.cmd');
    const child = spawn(command, [...args, ...flags], {
      cwd: root,
      env,
      shell,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) onStart(child.pid);
    let output = '';
    const keep = (/** @type {Buffer} */ chunk) => (output = (output + chunk.toString()).slice(-8000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const stop = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    process.on('SIGINT', stop).on('SIGTERM', stop);
    const done = (/** @type {number} */ code) => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve({ code, output });
    };
    child.once('error', (error) => {
      output += error.message;
      done(127);
    });
    child.once('close', (code, signal) => {
      if (signal !== null) output += `npm was stopped by ${signal}`;
      done(code ?? 130);
    });
  });
}

/**
 * npm as it was started by the user, on the user's Node and not on the one inside node_modules, which npm is about
 * to replace.
 * @param {string} root
 */
function npmCommand(root) {
  const inside = join(root, 'node_modules') + sep;
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((part) => !`${part}${sep}`.startsWith(inside))
    .join(delimiter);
  const env = { ...process.env, PATH: path };
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  const outside = node !== undefined && !node.startsWith(inside) && existsSync(node);
  if (cli !== undefined && cli.endsWith('npm-cli.js') && outside) return { command: node, args: [cli], env };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [], env };
}
