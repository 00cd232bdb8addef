import { withLock } from './install-lock.mjs';
import { clearStamp, firstAbsent, isInstalled, writeStamp } from './installed.mjs';
import { runNpm } from './npm.mjs';
import { StartError } from './start-error.mjs';

// Dev and optional packages even where NODE_ENV or the user's settings leave them out.
const FLAGS = [
  'ci',
  '--include=dev',
  '--include=optional',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
];

/**
 * Installs the locked packages unless the installed ones are those of the lock file.
 * @param {string} root
 */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return;
  await withLock(root, async (share) => {
    if (isInstalled(root)) return; // somebody else did it while this process waited
    await install(root, share);
  });
}

/**
 * @param {string} root
 * @param {(pid: number) => void} share
 */
async function install(root, share) {
  process.stderr.write('Installing dependencies (once, about 20 s) ...\n');
  clearStamp(root);
  const { code, output } = await runNpm(root, FLAGS, share);
  if (code !== 0) {
    throw new StartError('Installing the dependencies failed.', {
      expected: '`npm ci` to end with exit code 0',
      got: `exit code ${code}\n${withoutStack(output).replace(/^/gm, '    ')}`,
      next: nextStep(output),
    });
  }
  const absent = firstAbsent(root);
  if (absent !== null) {
    throw new StartError('The installation is not complete.', {
      expected: `the package ${absent} to be there after npm ci`,
      got: 'no such folder',
      next: 'delete the folder node_modules and run the same command again',
    });
  }
  writeStamp(root);
}

/** @param {string} output */
function withoutStack(output) {
  const lines = output.trimEnd().split('\n');
  return lines.filter((line) => !/^npm error\s+(at .*|[a-z]+: .*,?|\})?$/.test(line)).join('\n');
}

/** @param {string} output */
function nextStep(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|network/i.test(output)) {
    return 'connect to the network (or point npm at a mirror with `npm config set registry`) and run the same command again';
  }
  if (/ENOSPC/.test(output)) return 'free about 600 MB of disk space and run the same command again';
  if (/EBUSY|EPERM/.test(output)) {
    return 'close programs that use this folder, delete node_modules and run the same command again';
  }
  if (/ENOENT.*npm|not recognized/i.test(output))
    return 'install npm, which comes with Node, and run the same command again';
  return 'read the lines above; deleting the folder node_modules and running the same command again is safe';
}
