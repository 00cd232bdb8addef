#!/usr/bin/env node
// Compiles every `kernels/assembly/index.ts` (AssemblyScript) of the repository to `kernels/kernels.wasm` beside it.
//
//   node scripts/build-kernels.mjs [FOLDER...]   write the .wasm files (of `crypto/public/kernels` and so on, or all)
//   node scripts/build-kernels.mjs --check       compile in memory and compare with the committed bytes; exit 1 on difference
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import asc from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const FOLDERS = ['crypto/public/kernels', 'crypto/secret/kernels', 'models/kernels'];
const FLAGS = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert', '--use', 'abort='];

/** @returns {Promise<Uint8Array>} the module compiled from `folder/assembly/index.ts` */
async function compile(folder) {
  let bytes = null;
  const stderr = asc.createMemoryStream();
  const { error } = await asc.main(
    [`${folder}/assembly/index.ts`, '--outFile', 'kernels.wasm', '--baseDir', root, ...FLAGS],
    {
      stderr,
      readFile: (name, base) => {
        const path = join(base, name);
        return existsSync(path) ? readFileSync(path, 'utf8') : null;
      },
      writeFile: (name, contents) => {
        if (name === 'kernels.wasm') bytes = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || bytes === null) throw new Error(`${folder} does not compile\n${stderr.toString()}`);
  return bytes;
}

const { values, positionals } = parseArgs({
  options: { check: { type: 'boolean', default: false } },
  allowPositionals: true,
});
let stale = 0;
for (const folder of positionals.length > 0 ? positionals : FOLDERS) {
  if (!existsSync(join(root, folder, 'assembly/index.ts'))) continue;
  const bytes = await compile(folder);
  const path = join(root, folder, 'kernels.wasm');
  if (!values.check) {
    writeFileSync(path, bytes);
    console.log(`${folder}/kernels.wasm: ${bytes.length} bytes`);
  } else if (!existsSync(path) || !readFileSync(path).equals(Buffer.from(bytes))) {
    stale++;
    console.error(
      `${folder}/kernels.wasm is not what its source compiles to; run: node scripts/build-kernels.mjs and commit the result`,
    );
  }
}
if (stale > 0) process.exit(1);
