import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the committed kernels of crypto are what their AssemblyScript compiles to, byte for byte', () => {
  const script = fileURLToPath(new URL('../../../scripts/build-kernels.mjs', import.meta.url));
  const folders = ['crypto/public/kernels', 'crypto/secret/kernels'];
  expect(() =>
    execFileSync(process.execPath, [script, '--check', ...folders], { stdio: 'pipe' }),
  ).not.toThrow();
}, 60_000);
