import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the committed known answers of the joint key are what the code and SEAL give from the same inputs', () => {
  const made = execFileSync(
    process.execPath,
    [fileURLToPath(new URL('./make-joint-key.ts', import.meta.url))],
    { encoding: 'utf8' },
  );
  expect(JSON.parse(made)).toEqual(
    JSON.parse(readFileSync(new URL('./joint-key.json', import.meta.url), 'utf8')),
  );
}, 30_000);
