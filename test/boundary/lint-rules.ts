import { builtinModules } from 'node:module';
import { type Folder, FOLDERS, mayImport, mayUseBuiltin, NO_IO } from './import-table.ts';

interface Override {
  files: string[];
  rules: { 'no-restricted-imports': ['error', { patterns: { group: string[]; message: string }[] }] };
}

/**
 * The import table as oxlint overrides: the guard that answers while one types. It sees specifiers only; the
 * import-graph test resolves them, and follows dynamic imports and worker URLs too.
 */
export function importRules(): Override[] {
  return FOLDERS.flatMap((folder) => {
    const rules = [override(folder, [`${folder}/**`], `${folder}/any.ts`)];
    if (NO_IO.includes(folder)) {
      rules.push(override(folder, [`${folder}/**/kernels/*.ts`], `${folder}/kernels/any.ts`));
    }
    return rules;
  });
}

function override(folder: Folder, files: string[], example: string): Override {
  const forbidden = FOLDERS.filter((other) => !mayImport(folder, other));
  const group = [
    ...new Set([...forbidden.flatMap((other) => globs(folder, other)), '**/test/**', '**/web/**']),
  ];
  const patterns = [{ group, message: `${folder}/ may not import this: see docs/architecture.md.` }];
  const builtins = builtinNames().filter((name) => !mayUseBuiltin(example, name));
  if (builtins.length > 0) {
    patterns.push({
      group: builtins,
      message: `${folder}/ does no I/O: take what is needed as a parameter.`,
    });
  }
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

/** How `other` can look in a relative specifier written in `folder`. */
function globs(folder: Folder, other: Folder): string[] {
  const [top, ...rest] = other.split('/');
  const near = folder.split('/')[0] === top && rest.length > 0 ? [`../**/${rest.join('/')}/**`] : [];
  return [`**/${other}/**`, ...near];
}

function builtinNames(): string[] {
  const plain = builtinModules.filter((name) => !name.startsWith('node:'));
  return [...plain.flatMap((name) => [name, `node:${name}`]), 'node:sqlite', 'node:test', 'node:sea'];
}
