import { describe, expect, it } from 'vitest';
import { ROOT } from './copy-tree.ts';
import { chain, violations } from './import-graph.ts';
import { SECRET } from './import-table.ts';
import { SourceTree } from './source-tree.ts';

const SOURCES = SourceTree.of(ROOT);

describe('the import graph of the sources', () => {
  it('sees the sources at all', () => {
    expect(SOURCES.sources()).toContain('protocol/errors.ts');
    expect(SOURCES.sources().length).toBeGreaterThan(50);
  });

  it('holds no import that the table forbids', () => {
    expect(violations(SOURCES)).toEqual([]);
  });

  it('has no way from coordinator to crypto/secret or participant, however long', () => {
    expect(chain(SOURCES, 'coordinator', SECRET)).toBeNull();
  });
});

const STATIC = `import { CryptoError } from '../crypto/secret/key.ts';\nexport const planted = CryptoError;\n`;

/** Each way to reach a secret from coordinator, and what the guard has to name. */
const PLANTS: { name: string; plant: Record<string, string>; named: string }[] = [
  { name: 'a static import', plant: { 'coordinator/planted.ts': STATIC }, named: 'crypto/secret/key.ts' },
  {
    name: 'an import of a type alone',
    plant: {
      'coordinator/planted.ts': `import type { Key } from '../crypto/secret/key.ts';\nexport type K = Key;\n`,
    },
    named: 'crypto/secret/key.ts',
  },
  {
    name: 'the secret half of the joint key, from coordinator',
    plant: {
      'coordinator/planted.ts': `export { JointShareSecret } from '../crypto/seal/secret/joint-share.ts';\n`,
    },
    named: 'coordinator may not import crypto/seal/secret/joint-share.ts',
  },
  {
    name: 'the secret half of the joint key, from its public half',
    plant: { 'crypto/seal/public/planted.ts': `export * from '../secret/joint-share.ts';\n` },
    named: 'crypto/seal/public may not import crypto/seal/secret/joint-share.ts',
  },
  {
    name: 'a re-export',
    plant: { 'coordinator/api/planted.ts': `export * from '../../participant/agent.ts';\n` },
    named: 'participant/agent.ts',
  },
  {
    name: 'a dynamic import',
    plant: { 'coordinator/planted.ts': `export const planted = () => import('../crypto/secret/key.ts');\n` },
    named: 'crypto/secret/key.ts',
  },
  {
    name: 'a dynamic import of a computed name',
    plant: {
      'coordinator/planted.ts': `export const planted = (name: string) => import(\`../\${name}.ts\`);\n`,
    },
    named: 'computed name',
  },
  {
    name: 'a worker URL',
    plant: {
      'coordinator/planted.ts': `import { Worker } from 'node:worker_threads';\nexport const planted = () => new Worker(new URL('../crypto/secret/key.ts', import.meta.url));\n`,
    },
    named: 'crypto/secret/key.ts',
  },
  {
    name: 'a require made with createRequire',
    plant: {
      'coordinator/planted.ts': `import { createRequire } from 'node:module';\nexport const planted = createRequire(import.meta.url)('../crypto/secret/key.ts') as unknown;\n`,
    },
    named: 'crypto/secret/key.ts',
  },
  {
    name: 'a URL with a file: scheme',
    plant: {
      'coordinator/planted.ts': `export const planted = () => import('file:///srv/crypto/secret/key.ts');\n`,
    },
    named: 'goes round the table',
  },
  {
    name: 'a way over a folder that coordinator may import',
    plant: {
      'models/planted.ts': `export * from '../crypto/secret/key.ts';\n`,
      'coordinator/planted.ts': `export * from '../models/planted.ts';\n`,
    },
    named: 'models/planted.ts:1: models may not import crypto/secret/key.ts',
  },
  {
    name: 'a way over a file outside every folder',
    plant: {
      'test/planted.ts': `export * from '../participant/agent.ts';\n`,
      'coordinator/planted.ts': `export * from '../test/planted.ts';\n`,
    },
    named: 'test/planted.ts is outside every folder',
  },
];

describe('a secret import planted in coordinator', () => {
  it.each(PLANTS)('is found: $name', ({ plant, named }) => {
    const old = violations(SOURCES);
    const fresh = violations(SOURCES.with(plant)).filter((line) => !old.includes(line));
    expect(fresh.join('\n')).toContain(named);
  });

  it('is found at the end of a chain, which is named file by file', () => {
    const tree = SOURCES.with({
      'test/planted.ts': `export * from '../participant/agent.ts';\n`,
      'coordinator/planted.ts': `export * from '../test/planted.ts';\n`,
    });
    expect(chain(tree, 'coordinator', SECRET)).toEqual([
      'coordinator/planted.ts',
      'test/planted.ts',
      'participant/agent.ts',
    ]);
  });
});

describe('the rule that some folders do no I/O', () => {
  it.each([
    ['protocol/planted.ts', 'node:fs'],
    ['models/planted.ts', 'http'],
    ['crypto/public/planted.ts', 'node:crypto'],
    ['crypto/public/kernels/planted.ts', 'node:net'],
  ])('finds %s using %s', (file, builtin) => {
    const tree = SOURCES.with({ [file]: `import * as planted from '${builtin}';\nexport { planted };\n` });
    expect(violations(tree).join('\n')).toContain(`${file}:1: `);
  });

  it('lets a kernel loader read its .wasm', () => {
    const tree = SOURCES.with({
      'models/kernels/planted.ts': `export { readFileSync } from 'node:fs';\n`,
    });
    expect(violations(tree).join('\n')).not.toContain('planted.ts');
  });
});
