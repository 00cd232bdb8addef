import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../protocol/errors.ts';
import { ROOT } from './copy-tree.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The string literals of `type NAME = 'A' | 'B';` in a source text. */
function unionOf(text: string, name: string): string[] {
  const body = new RegExp(`type ${name} =([^;]*);`).exec(text)?.[1] ?? '';
  return [...body.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code ?? '');
}

describe('docs/errors.md', () => {
  const text = read('docs/errors.md');
  const sections = new Map(
    text
      .split(/^### /m)
      .slice(1)
      .map((section) => [section.slice(0, section.indexOf('\n')).replaceAll('`', '').trim(), section]),
  );

  it('has an entry for each code and no other', () => {
    expect([...sections.keys()].toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted());
  });

  it.each(Object.entries(ERROR_CODES))('says title, exit code, status and what to do of %s', (code, row) => {
    const section = sections.get(code) ?? '';
    expect(section).toContain(`${row.title}.`);
    expect(section).toContain(`Exit ${row.exit}, status ${row.status}.`);
    expect(section).toMatch(/\*\*What to do:\*\* \S/);
  });
});

describe('the codes of crypto and models', () => {
  it.each([
    ['crypto/public/errors.ts', 'CryptoErrorCode'],
    ['models/errors.ts', 'ModelErrorCode'],
  ])('%s names only codes that protocol knows', (path, name) => {
    const codes = unionOf(read(path), name);
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((code) => !Object.hasOwn(ERROR_CODES, code))).toEqual([]);
  });
});
