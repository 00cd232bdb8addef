import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the committed known answers are what the code gives from the same seeds', () => {
  const made = execFileSync(process.execPath, [fileURLToPath(new URL('./make.ts', import.meta.url))], {
    encoding: 'utf8',
  });
  expect(JSON.parse(made)).toEqual(
    JSON.parse(readFileSync(new URL('./known-answers.json', import.meta.url), 'utf8')),
  );
}, 30_000);
